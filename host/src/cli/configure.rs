//! What is configured: from arguments and files to the rules that hold at each place.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::args::ConfigurationArgs;
use super::progress::Compiling;
use super::{CommandError, UsageError};
use crate::discover;
use crate::finding::{Notification, Plugin};
use crate::plugin::{Compilation, Limits, Origin, PluginError, Registry, Worker};
use crate::policy::{
    Books, CONFIGURATION, Choice, ConfigurationFile, PluginFile, Policies, PolicyError, RuleNames, Rulebook,
    configuration, configurations_above,
};
use crate::shellcheck;
use crate::syntax::SYNTAX;

/// Names that are not empty: an empty variable names nothing.
pub(super) fn named(given: &[String]) -> Vec<String> {
    given.iter().filter(|name| !name.is_empty()).cloned().collect()
}

/// Reads the policies that are named, and the configurations of these paths; `below` are configurations
/// further down. All paths are absolute and without symbolic links.
pub(super) fn books(
    args: &ConfigurationArgs,
    root: &Path,
    paths: &[PathBuf],
    below: &[PathBuf],
) -> Result<Books, CommandError> {
    let chosen = args.config.as_deref().filter(|path| !path.as_os_str().is_empty() && !args.no_config);
    let files = match chosen {
        Some(path) => vec![chosen_file(root, path)],
        None if args.no_config => Vec::new(),
        None => {
            let mut files = configurations_above(root, paths);
            files.extend(below.iter().map(|path| configuration(root, path.clone())));
            files
        }
    };
    // What the user names may lie anywhere.
    let within = chosen.is_none().then_some(root);
    let policies = Policies::read_with(&named(&args.policy), &files, within)?;
    Ok(Books::new(policies, &files, args.no_config || chosen.is_some()))
}

/// The one configuration that the user names.
pub(super) fn chosen_file(root: &Path, path: &Path) -> ConfigurationFile {
    let file = configuration(root, path.canonicalize().unwrap_or_else(|_| path.to_owned()));
    // Where it lies elsewhere, it is called as the user calls it.
    let shown = if file.path.starts_with(root) { file.shown } else { path.display().to_string() };
    ConfigurationFile { path: path.to_owned(), shown, ..file }
}

/// The plugins of the command line and of configurations. The latter must be what is pinned for them; the former are the
/// user's own word.
pub(super) fn load(
    given: &[PathBuf],
    books: &Books,
    current: &Path,
    cache: Option<&Path>,
    compiling: &Compiling,
) -> Result<(Registry, Vec<Notification>), CommandError> {
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut files = given.to_vec();
    let mut known: HashSet<PathBuf> = given.iter().map(|path| place(path)).collect();
    // Several configurations may name one file, and each has its pins.
    let mut pinned: HashMap<PathBuf, Vec<&PluginFile>> = HashMap::new();
    let mut shown: HashMap<PathBuf, PathBuf> = HashMap::new();
    let configured = books.plugin_files();
    for plugin in &configured {
        let place = place(&plugin.path);
        if known.insert(place.clone()) {
            let file = shorter(&plugin.path, current);
            files.push(file.clone());
            shown.insert(place.clone(), file);
        }
        if let Some(file) = shown.get(&place) {
            pinned.entry(file.clone()).or_default().push(plugin);
        }
    }
    let hold = |file: &Path, sha256: &str| {
        // By the name that was loaded: where that leads may change at any time.
        let pins = pinned.get(file);
        let hold = |plugin: &&PluginFile| plugin.lock.hold(&plugin.name, sha256, pinning(plugin, current));
        pins.into_iter().flatten().try_for_each(hold).map_err(|error| error.to_string())
    };
    let watch = |told: Option<&Compilation<'_>>| compiling.hear(told);
    let (registry, notifications) = Registry::load_held(true, &files, Limits::default(), cache, Some(&watch), &hold);
    let misnamed = configured.iter().filter_map(|file| {
        let origin = Origin::File(shorter(&file.path, current));
        let plugin = registry.plugins().iter().find(|plugin| *plugin.origin() == origin)?;
        let name = &plugin.info().name;
        let message = format!("the plugin in `{}` calls itself `{name}`", shorter(&file.path, current).display());
        (*name != file.name).then(|| PolicyError {
            place: Some(file.place.clone()),
            message,
            help: Some(format!("write `{name}` here")),
        })
    });
    let misnamed: Vec<PolicyError> = misnamed.collect();
    if misnamed.is_empty() { Ok((registry, notifications)) } else { Err(misnamed.into()) }
}

/// The command that pins a plugin, as it is run in the current folder.
fn pinning(plugin: &PluginFile, current: &Path) -> String {
    let owner = plugin.lock.owner();
    let nearest = current.ancestors().map(|folder| folder.join(CONFIGURATION)).find(|file| file.is_file());
    let config = if nearest.as_deref() == Some(owner) {
        String::new()
    } else {
        format!(" --config {}", word(&shorter(owner, current)))
    };
    format!("hullmark plugin add {}{config}", word(&shorter(&plugin.path, current)))
}

/// A path as a shell takes it.
fn word(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-:".contains(&byte);
    if path.bytes().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

/// A path as it is written from the current folder.
fn shorter(path: &Path, current: &Path) -> PathBuf {
    path.strip_prefix(current).unwrap_or(path).to_owned()
}

/// The rules that are on. A name that no rule has is wrong usage, unless a plugin failed to load: the rule may be its.
pub(super) fn rulebook<'p>(
    books: Books,
    plugins: Vec<&'p Plugin>,
    choice: Choice,
    with_shellcheck: bool,
    all_loaded: bool,
) -> Result<Rulebook<'p>, CommandError> {
    let mut choice = Choice { select: named(&choice.select), ignore: named(&choice.ignore), ..choice };
    if !all_loaded || with_shellcheck {
        let names = RuleNames::new(plugins.iter().copied());
        let is_known = |name: &String| !names.find(name.trim()).is_empty();
        if !all_loaded && !choice.select.is_empty() {
            choice.select.retain(is_known);
            if choice.select.is_empty() {
                // All that was selected is missing, which is told; the default rules were not asked for.
                choice.select.push(format!("{SYNTAX}/*"));
            }
        }
        // ShellCheck knows its codes; no rule has to.
        let is_foreign = |name: &String| !all_loaded || with_shellcheck && shellcheck::is_code(name);
        choice.ignore.retain(|name| is_known(name) || !is_foreign(name));
    }
    if with_shellcheck {
        choice.turn_on = shellcheck::plugin().rules.into_iter().map(|rule| rule.id).collect();
    }
    Ok(Rulebook::new(books, plugins, &choice, all_loaded)?)
}

/// The host's own plugins and those of a registry, in the order in which rules are listed.
pub(super) fn plugins<'p>(own: &'p [Plugin], registry: &'p Registry) -> Vec<&'p Plugin> {
    own.iter().chain(registry.plugins().iter().map(|plugin| plugin.info())).collect()
}

/// Lets plugins from files judge their options before anything is checked: the built-in ones say all in their schemas, by
/// which options are judged already. A plugin that fails over them in another way does so again when it checks, which is told
/// then.
pub(super) fn judge_options(registry: &Registry, rulebook: &Rulebook<'_>) -> Result<(), CommandError> {
    let judges: Vec<_> =
        registry.plugins().iter().enumerate().filter(|(_, it)| *it.origin() != Origin::Builtin).collect();
    if judges.is_empty() {
        return Ok(());
    }
    let mut worker = Worker::new(registry, false);
    let mut errors: Vec<PolicyError> = Vec::new();
    let mut known = HashSet::new();
    for (selection, settings) in rulebook.option_sets() {
        for &(index, plugin) in &judges {
            let name = &plugin.info().name;
            if !selection.has_options(name) || !known.insert((index, selection.options(name))) {
                continue;
            }
            if let Err(PluginError::Options(faults)) = worker.configure(index, &selection.options(name)) {
                let faults = faults.iter().map(|fault| settings.option_error(name, &fault.pointer, &fault.message));
                errors.extend(faults);
            }
        }
    }
    let mut told = HashSet::new();
    let place = |error: &PolicyError| {
        let place = error.place.as_ref().map(|place| (place.source.path().to_owned(), place.span));
        (place, error.message.clone())
    };
    errors.retain(|error| told.insert(place(error)));
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// The root of what is looked at.
pub(super) fn root(options: &discover::Options) -> Result<PathBuf, UsageError> {
    discover::root(options).map_err(|error| UsageError::new(error.to_string()))
}

/// The folder in which the program runs.
pub(super) fn current_folder() -> Result<PathBuf, UsageError> {
    std::env::current_dir()
        .and_then(|folder| folder.canonicalize())
        .map_err(|error| UsageError::new(format!("there is no current folder: {error}")))
}
