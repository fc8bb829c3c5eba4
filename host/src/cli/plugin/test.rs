//! `hullmark plugin test`: every rule of a plugin, held to its fixtures.

use std::path::{Path, PathBuf};

use super::super::args::TestArgs;
use super::{CommandError, Exit, Streams, UsageError, build, cache, compiling, load};
use crate::finding::Plugin;
use crate::fixture;
use crate::plugin::{Compilation, Limits, Registry};

/// Runs all cases; [`Exit::Findings`] where one is not as it says.
pub(super) fn test(args: &TestArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let file = match &args.component {
        Some(file) => {
            load(file)?;
            file.clone()
        }
        None => build::component(&args.folder, None)?.0,
    };
    let cache = cache()?;
    let compiling = compiling(&cache);
    let watch = |told: Option<&Compilation<'_>>| compiling.hear(told);
    let cache = cache.as_deref().ok();
    let (registry, notifications) = Registry::load_with_cache(false, &[file], Limits::default(), cache, Some(&watch));
    let [plugin] = registry.plugins() else {
        let reason = notifications.first().map_or("", |notification| notification.message.as_str());
        return Err(UsageError::new(reason).into());
    };
    let fixtures = args.fixtures.clone().unwrap_or_else(|| args.folder.join("fixtures"));
    let cases = cases(plugin.info(), &fixtures)?;
    let (mut passed, mut failed) = (0, 0);
    for Case { rule, path } in &cases {
        let title = path.strip_prefix(&fixtures).unwrap_or(path).display().to_string();
        let update = if args.update { fixture::update(&registry, rule, path) } else { Ok(false) };
        let faults = match &update {
            Ok(_) => fixture::judge(&registry, rule, path),
            Err(reason) => format!("  {reason}\n"),
        };
        if faults.is_empty() {
            passed += 1;
            writeln!(streams.out, "{:7} {title}", if update == Ok(true) { "updated" } else { "ok" })?;
        } else {
            failed += 1;
            write!(streams.out, "FAILED  {title}\n{faults}")?;
        }
    }
    for missing in missing(plugin.info(), &cases) {
        failed += 1;
        writeln!(streams.out, "MISSING {missing}")?;
    }
    writeln!(streams.out, "\n{passed} passed, {failed} failed")?;
    Ok(if failed == 0 { Exit::Clean } else { Exit::Findings })
}

/// A case of a rule.
struct Case {
    /// The rule's full name.
    rule: String,
    path: PathBuf,
}

/// All cases of a plugin, by rule and name.
fn cases(plugin: &Plugin, fixtures: &Path) -> Result<Vec<Case>, UsageError> {
    let list = |folder: &Path| {
        fixture::entries(folder).map_err(|error| {
            let help = "a case is `fixtures/<rule>/flagged.Dockerfile`, or another file or folder there";
            UsageError::with_help(format!("`{}` cannot be read: {error}", folder.display()), help)
        })
    };
    let mut cases = Vec::new();
    for folder in list(fixtures)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(rule) = plugin.rules.iter().find(|rule| rule.name() == name) else {
            let names: Vec<&str> = plugin.rules.iter().map(|rule| rule.name()).collect();
            let message = format!("`{}` belongs to no rule of the plugin", folder.display());
            return Err(UsageError::with_help(message, format!("its rules are {}", names.join(", "))));
        };
        cases.extend(list(&folder)?.into_iter().map(|path| Case { rule: rule.id.clone(), path }));
    }
    Ok(cases)
}

/// What no case shows: each rule has one that it flags and one that it does not.
fn missing(plugin: &Plugin, cases: &[Case]) -> Vec<String> {
    let mut missing = Vec::new();
    for rule in &plugin.rules {
        for word in ["flagged", "clean"] {
            let begins = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(word));
            if !cases.iter().any(|case| case.rule == rule.id && begins(&case.path)) {
                missing.push(format!("{}/{word}: every rule has a case that it flags, and a clean one", rule.name()));
            }
        }
    }
    missing
}
