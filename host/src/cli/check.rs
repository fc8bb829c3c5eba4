//! `hullmark check`: from paths to reports and an exit code.

use std::env;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use super::args::{CheckArgs, ColorChoice, LanguageChoice};
use super::{CommandError, Exit, Streams, UsageError};
use crate::discover::{self, Discovery, Guess};
use crate::document::{Language, ManifestContext, Source};
use crate::finding::{Level, Notification, Outcome, Plugin};
use crate::gather::{Gathered, gather};
use crate::plugin::{Limits, Registry};
use crate::policy::{RuleNames, Selection};
use crate::report::{self, Context, Verbosity};
use crate::run::{File, Scope, Settings, run};
use crate::syntax;

/// Columns of a report that goes to no terminal.
const WIDTH: usize = 100;

/// Checks, writes all reports, and says how it went.
pub(super) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let current =
        env::current_dir().map_err(|error| UsageError::new(format!("there is no current folder: {error}")))?;
    let options = discovery_options(args, &current);
    let cache = cache_folder().filter(|_| !args.no_cache);
    let (registry, mut notifications) =
        Registry::load_with_cache(true, &args.plugin, Limits::default(), cache.as_deref());
    let selection = selection(args, &registry, notifications.is_empty())?;
    let jobs = args.jobs.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from);
    let scope = Scope::from(args.scope);

    let gathered = if args.paths == [PathBuf::from("-")] {
        standard_input(args, &options)?
    } else {
        let discovery = discover::discover(&options).map_err(|error| UsageError::new(error.to_string()))?;
        notifications.extend(discovery.unread.iter().map(|unread| Notification {
            level: Level::Error,
            path: Some(unread.path().to_owned()),
            plugin: None,
            message: unread.to_string(),
        }));
        let keep_context = scope == Scope::Root && sees_projects(&registry, &selection);
        gather(&discovery.candidates, || context(&options, &discovery), keep_context, jobs)
    };
    notifications.extend(gathered.notifications);

    let settings = Settings { registry: &registry, selection: &selection, scope, jobs, fresh: false };
    let mut outcome = run(&gathered.files, settings);
    outcome.notifications.extend(notifications);
    outcome.notifications.sort_by(|one, other| other.level.cmp(&one.level).then_with(|| one.cmp(other)));
    write_reports(args, &outcome, streams)?;
    Ok(exit(args, &outcome))
}

/// The user's own folder for what can be made again, as the system has it.
fn cache_folder() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("hullmark"))
}

fn discovery_options(args: &CheckArgs, current: &Path) -> discover::Options {
    discover::Options {
        paths: args.paths.clone(),
        root: args.root.clone(),
        language: args.language.map(Language::from),
        excludes: args.exclude.clone(),
        force_exclude: args.force_exclude,
        ..discover::Options::new(current)
    }
}

/// The rules that are on. A name that no rule has is wrong usage, unless a plugin failed to load: the rule may be its.
fn selection(args: &CheckArgs, registry: &Registry, all_loaded: bool) -> Result<Selection, UsageError> {
    let own = syntax::plugin();
    let plugins = || std::iter::once(&own).chain(registry.plugins().iter().map(|plugin| plugin.info()));
    let plugins: Vec<&Plugin> = plugins().collect();
    let names = RuleNames::new(plugins.iter().copied());
    let known = |names_given: &[String]| -> Vec<String> {
        names_given.iter().filter(|name| all_loaded || names.resolve(name).is_ok()).cloned().collect()
    };
    let select = known(&args.select);
    if select.is_empty() && !args.select.is_empty() {
        return Ok(Selection::default());
    }
    Selection::new(plugins.iter().copied(), &select, &known(&args.ignore))
        .map_err(|error| UsageError::with_help(error.to_string(), "`hullmark rules` lists all rules"))
}

/// Whether a rule that is on compares files.
fn sees_projects(registry: &Registry, selection: &Selection) -> bool {
    let rules = registry.plugins().iter().flat_map(|plugin| &plugin.info().rules);
    let mut on = rules.filter(|rule| selection.level(&rule.id).is_some());
    on.any(|rule| rule.subjects.iter().any(|subject| subject.split(':').next() == Some("project")))
}

/// Everything under the root. What cannot be read there was not asked for.
fn context(options: &discover::Options, discovery: &Discovery) -> Vec<discover::Candidate> {
    let everything = discover::Options {
        paths: vec![discovery.root.clone()],
        root: Some(discovery.root.clone()),
        language: None,
        force_exclude: false,
        ..options.clone()
    };
    discover::discover(&everything).map(|discovery| discovery.candidates).unwrap_or_default()
}

/// Standard input as the only file.
fn standard_input(args: &CheckArgs, options: &discover::Options) -> Result<Gathered, UsageError> {
    let name = args.stdin_filename.as_deref();
    let guess = name.and_then(Path::file_name).and_then(discover::guess);
    let language = match (args.language, guess) {
        (Some(LanguageChoice::Dockerfile), _) | (None, Some(Guess::Dockerfile)) => Language::Dockerfile,
        (Some(LanguageChoice::Manifest), _) | (None, Some(Guess::Manifest | Guess::PossibleManifest)) => {
            Language::Manifest
        }
        (None, _) => {
            return Err(UsageError::with_help(
                "it is not known what standard input is",
                "name it with `--stdin-filename`, or say `--as dockerfile` or `--as manifest`",
            ));
        }
    };
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| UsageError::new(format!("standard input cannot be read: {error}")))?;
    let path = match name {
        Some(name) => discover::relative_name(options, name).map_err(|error| UsageError::new(error.to_string()))?,
        None => "stdin".to_owned(),
    };
    let source = Arc::new(Source::new(path, bytes));
    let file = File { source, language, context: ManifestContext::default(), reported: true };
    Ok(Gathered { files: vec![file], notifications: Vec::new() })
}

fn write_reports(args: &CheckArgs, outcome: &Outcome, streams: &mut Streams<'_>) -> Result<(), CommandError> {
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    let plain = Context { verbosity, ..Context::default() };
    for output in &args.output {
        let mut bytes = Vec::new();
        report::write(output.format, outcome, &plain, &mut bytes)?;
        fs::write(&output.file, bytes)
            .map_err(|error| UsageError::new(format!("`{}` cannot be written: {error}", output.file.display())))?;
    }
    let context = Context { colours: colours(args.color, streams), width: width(streams), ..plain };
    report::write(args.format, outcome, &context, streams.out)?;
    streams.out.flush()?;
    Ok(())
}

fn colours(choice: ColorChoice, streams: &Streams<'_>) -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => streams.out_is_terminal && !set("NO_COLOR") && env::var_os("TERM") != Some("dumb".into()),
    }
}

fn width(streams: &Streams<'_>) -> usize {
    let terminal = || streams.out_is_terminal.then(terminal_size::terminal_size).flatten();
    terminal().map_or(WIDTH, |(width, _)| usize::from(width.0).max(40))
}

fn exit(args: &CheckArgs, outcome: &Outcome) -> Exit {
    let least = Level::from(args.fail_on);
    if outcome.incomplete() {
        Exit::Incomplete
    } else if !args.exit_zero && outcome.findings.iter().any(|finding| finding.level >= least) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
