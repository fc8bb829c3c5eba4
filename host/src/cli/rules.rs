//! `hullmark rules` and `hullmark explain`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;

use super::args::{PluginsArgs, RulesFormat};
use super::check::cache_folder;
use super::progress::Compiling;
use super::{CommandError, ConfigurationArgs, Exit, ExplainArgs, RulesArgs, Streams, UsageError, configure};
use crate::discover;
use crate::documentation::{index, page};
use crate::finding::{Level, Notification, Plugin, Rule};
use crate::own;
use crate::policy::RuleNames;

/// Lists all rules.
pub(super) fn rules(args: &RulesArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let to = args.output_dir.as_deref().filter(|folder| !folder.as_os_str().is_empty());
    if to.is_some() && args.format != RulesFormat::Markdown {
        return Err(UsageError::with_help("`--output-dir` is for pages", "add `--format markdown`").into());
    }
    let (plugins, exit) = load(&args.plugins, streams)?;
    match args.format {
        RulesFormat::Markdown => match to {
            Some(folder) => write_pages(&plugins, folder)?,
            None => {
                let pages: Vec<String> = plugins.iter().flat_map(|plugin| &plugin.rules).map(page).collect();
                write!(streams.out, "{}", pages.join("\n"))?;
            }
        },
        RulesFormat::Text => write!(streams.out, "{}", table(&plugins))?,
        RulesFormat::Json => {
            let rules: Vec<_> = plugins.iter().flat_map(|plugin| &plugin.rules).map(record).collect();
            serde_json::to_writer_pretty(&mut *streams.out, &rules).map_err(std::io::Error::from)?;
            writeln!(streams.out)?;
        }
    }
    Ok(exit)
}

/// Explains the rules of a name.
pub(super) fn explain(args: &ExplainArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let (plugins, exit) = load(&args.plugins, streams)?;
    let names = RuleNames::new(&plugins);
    let ids = names
        .resolve(&args.rule)
        .map_err(|error| UsageError::with_help(error.to_string(), "`hullmark rules` lists all rules"))?;
    let rules = plugins.iter().flat_map(|plugin| &plugin.rules);
    let pages: Vec<String> = rules.filter(|rule| ids.contains(&rule.id.as_str())).map(page).collect();
    write!(streams.out, "{}", pages.join("\n"))?;
    Ok(exit)
}

/// Writes a page for each rule, and one that leads to them. The names of rules are names of files: see `describe`.
fn write_pages(plugins: &[Plugin], folder: &Path) -> Result<(), UsageError> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        let written = fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| fs::write(&path, text));
        written.map_err(|error| UsageError::new(format!("`{}` cannot be written: {error}", path.display())))
    };
    let place = |rule: &Rule| format!("{}.md", rule.id);
    for rule in plugins.iter().flat_map(|plugin| &plugin.rules) {
        write(&place(rule), &page(rule))?;
    }
    write("index.md", &format!("# Rules\n{}", index(plugins, |rule| Some(place(rule)))))
}

/// All plugins, the host's own first, with those of the configuration that holds here. One that does not load is told and
/// makes the answer incomplete.
pub(super) fn load(args: &PluginsArgs, streams: &mut Streams<'_>) -> Result<(Vec<Plugin>, Exit), CommandError> {
    let current = configure::current_folder()?;
    let root = configure::root(&discover::Options::new(current.clone()))?;
    let configuration =
        ConfigurationArgs { policy: Vec::new(), config: args.config.clone(), no_config: args.no_config };
    let books = configure::books(&configuration, &root, std::slice::from_ref(&current), &[])?;
    let cache = cache_folder(&root);
    let compiling = Compiling::new(streams.err_is_terminal, false, cache.as_ref().err().copied());
    let (registry, notifications) = configure::load(&args.plugin, &books, &current, cache.as_deref().ok(), &compiling)?;
    let exit = tell(&notifications, streams)?;
    let mut plugins = own::plugins();
    plugins.extend(registry.plugins().iter().map(|plugin| plugin.info().clone()));
    Ok((plugins, exit))
}

/// Tells what did not load, which makes the answer incomplete.
pub(super) fn tell(notifications: &[Notification], streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    for notification in notifications {
        let what = notification.path.as_deref().or(notification.plugin.as_deref()).unwrap_or("hullmark");
        writeln!(streams.err, "{}: {what}: {}", notification.level.as_str(), notification.message)?;
    }
    let failed = notifications.iter().any(|notification| notification.level == Level::Error);
    Ok(if failed { Exit::Incomplete } else { Exit::Clean })
}

/// A line for each rule.
pub(super) fn table(plugins: &[Plugin]) -> String {
    let rules: Vec<&Rule> = plugins.iter().flat_map(|plugin| &plugin.rules).collect();
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let level = if rule.enabled { rule.default_level().as_str() } else { "off" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {level:7}  {}", rule.id, rule.summary);
    }
    text
}

/// A rule with all its metadata, for programs.
pub(super) fn record(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "summary": rule.summary,
        "explanation": rule.explanation,
        "level": rule.default_level().as_str(),
        "enabled": rule.enabled,
        "tags": rule.tags,
        "securitySeverity": rule.security_severity,
        "precision": rule.precision,
        "aliases": rule.aliases,
        "references": rule.references,
        "subjects": rule.subjects,
        "fragments": rule.fragments,
        "options": serde_json::from_str::<serde_json::Value>(&rule.options_schema).ok(),
        "since": rule.since,
    })
}
