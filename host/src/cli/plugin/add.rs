//! `hullmark plugin add`: a plugin into the configuration, as somebody looked at it.

use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::super::args::AddArgs;
use super::super::output::{Target, stays_inside, write_together};
use super::super::{configure, rules};
use super::{CommandError, Exit, Streams, UsageError, inspect, is_own_name, load};
use crate::discover;
use crate::finding::Plugin;
use crate::plugin::{Inspected, PluginError};
use crate::policy::{
    CONFIGURATION, ConfigurationFile, Lock, PolicyText, configuration, configurations_above, option_value,
};

/// Writes the plugin of a file into the configuration and pins it; or else nothing.
pub(super) fn add(args: &AddArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let options = options(&args.option)?;
    let inspected = load(&args.file)?;
    let plugin = inspected.plugin().info();
    check_name(args, &plugin.name)?;
    check_owners(plugin, &options)?;
    let current = configure::current_folder()?;
    let root = configure::root(&discover::Options::new(current.clone()))?;
    let owner = owner(args, &root, &current);

    stays_inside(&root, &current, &owner.path)?;
    stays_inside(&root, &current, &Lock::beside(&owner.path))?;
    let text = PolicyText::open(&owner)?;
    let lock = Lock::read(&owner.path, &owner.shown)?;
    let file = real(&current.join(&args.file))?;
    let path = path(&text, &plugin.name, &owner.path, &file)?;
    let written = text.with(&plugin.name, &path, &options).map_err(|error| vec![error])?;
    judge(&inspected, &written)?;

    let pinned = lock.pin(&plugin.name).filter(|old| *old != inspected.sha256());
    let (mut files, mut names) = (Vec::new(), Vec::new());
    if lock.pin(&plugin.name) != Some(inspected.sha256()) {
        files.push((Target::new(&lock.path())?, lock.with(&plugin.name, inspected.sha256())));
        names.push(lock.shown());
    }
    if written.text() != text.text() {
        files.push((Target::new(&owner.path)?, written.text().to_owned()));
        names.push(owner.shown.clone());
    }
    write_together(&files).map_err(UsageError::new)?;
    tell(&inspected, &path, pinned, streams)?;
    if !file.starts_with(&root) {
        writeln!(
            streams.out,
            "{path} lies outside of the repository: whoever checks it needs the plugin at that place\n"
        )?;
    }
    match names.as_slice() {
        [] => writeln!(streams.out, "{} pins it already: nothing is written", lock.shown())?,
        [name] => writeln!(streams.out, "wrote {name}: commit it")?,
        names => writeln!(streams.out, "wrote {}: commit them", names.join(" and "))?,
    }
    Ok(Exit::Clean)
}

/// What is added, for whoever decides about it.
fn tell(inspected: &Inspected, path: &str, pinned: Option<&str>, streams: &mut Streams<'_>) -> std::io::Result<()> {
    let Plugin { name, version, summary, .. } = inspected.plugin().info();
    writeln!(streams.out, "{name} {version}: {summary}")?;
    writeln!(streams.out, "  path       {path}")?;
    writeln!(streams.out, "  imports    {}", inspect::imports(inspected))?;
    writeln!(streams.out, "  sha256     {}", inspected.sha256())?;
    if let Some(old) = pinned {
        writeln!(streams.out, "  before     {old}")?;
    }
    writeln!(streams.out, "\n{}", rules::table(std::slice::from_ref(inspected.plugin().info())))
}

/// A plugin is refused here that a run would refuse later, or that is not the one that is meant.
fn check_name(args: &AddArgs, name: &str) -> Result<(), UsageError> {
    let file = args.file.display();
    if args.name.as_deref().is_some_and(|meant| meant != name) {
        let help = "leave `--name` out if this is the plugin that you mean";
        return Err(UsageError::with_help(format!("the plugin in `{file}` calls itself `{name}`"), help));
    }
    if is_own_name(name) {
        let help = "it can be loaded once it has another name";
        return Err(UsageError::with_help(
            format!("the plugin in `{file}` has the name `{name}` of a plugin of hullmark's own"),
            help,
        ));
    }
    Ok(())
}

/// An option that belongs to a rule is not one of the plugin.
fn check_owners(plugin: &Plugin, options: &Map<String, Value>) -> Result<(), UsageError> {
    let declares = |schema: &str, key: &str| {
        serde_json::from_str(schema).is_ok_and(|schema: Value| schema["properties"].get(key).is_some())
    };
    for (key, value) in options.iter().filter(|(key, _)| !declares(&plugin.options_schema, key)) {
        if let Some(rule) = plugin.rules.iter().find(|rule| declares(&rule.options_schema, key)) {
            let id = &rule.id;
            return Err(UsageError::with_help(
                format!("`{key}` is an option of the rule `{id}`, and not of the plugin"),
                format!(
                    "leave it out here, and write `rules: {{{id}: {{options: {{{key}: {value}}}}}}}` into the configuration"
                ),
            ));
        }
    }
    Ok(())
}

/// The configuration that gets the plugin: the one that is named, the nearest one, or a new one at the root.
fn owner(args: &AddArgs, root: &Path, current: &Path) -> ConfigurationFile {
    if let Some(path) = args.config.as_deref().filter(|path| !path.as_os_str().is_empty()) {
        return configure::chosen_file(root, path);
    }
    let nearest = configurations_above(root, &[current.to_owned()]).pop();
    nearest.unwrap_or_else(|| configuration(root, root.join(CONFIGURATION)))
}

/// The path under which the configuration names the plugin: as it does already, or from its folder.
fn path(text: &PolicyText, name: &str, owner: &Path, file: &Path) -> Result<String, UsageError> {
    let folder = match owner.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|error| unfound(folder, &error))?;
    let place = |path: &Path| path.canonicalize().ok();
    if let Some(known) = text.path_of(name).filter(|known| place(&folder.join(known)) == place(file)) {
        return Ok(known.to_owned());
    }
    let path = relative(&folder, file).filter(|path| path.trim() == path);
    path.ok_or_else(|| {
        UsageError::new(format!("`{}` cannot be written into a configuration; rename it", file.display()))
    })
}

/// A file in its real folder. A link keeps its own name: where it leads may change.
fn real(file: &Path) -> Result<PathBuf, UsageError> {
    let folder = file.parent().unwrap_or(file);
    let folder = folder.canonicalize().map_err(|error| unfound(folder, &error))?;
    Ok(folder.join(file.file_name().unwrap_or_default()))
}

fn unfound(folder: &Path, error: &std::io::Error) -> UsageError {
    UsageError::new(format!("the folder `{}` cannot be found: {error}", folder.display()))
}

/// A path as it is written from a folder, with `/`; both are absolute and without links. Nothing where it is no text.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    // Another drive has nothing in common.
    if common == 0 {
        return file.to_str().map(str::to_owned);
    }
    let up = folder.components().skip(common).map(|_| Some(".."));
    let down = file.components().skip(common).map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Some(up.chain(down).collect::<Option<Vec<_>>>()?.join("/"))
}

/// Options as they are given: `KEY=VALUE`.
fn options(given: &[String]) -> Result<Map<String, Value>, CommandError> {
    let mut options = Map::new();
    for option in given {
        let wrong = |message: String| {
            UsageError::with_help(message, "write `--option KEY=VALUE`, as in `--option registries='[ghcr.io]'`")
        };
        let Some((key, text)) = option.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
            return Err(wrong(format!("`{option}` is no option")).into());
        };
        let value =
            option_value(text).map_err(|error| wrong(format!("the value of `{key}` is not understood: {error}")))?;
        options.insert(key.trim().to_owned(), value);
    }
    Ok(options)
}

/// Lets the plugin judge the options that the configuration will give it.
fn judge(inspected: &Inspected, written: &PolicyText) -> Result<(), CommandError> {
    let plugin = inspected.plugin().info();
    written.judge(plugin)?;
    let options = written.options_of(&plugin.name);
    if options.is_empty() {
        return Ok(());
    }
    let Err(PluginError::Options(faults)) = inspected.configure(&json!({"plugin": options, "rules": {}}).to_string())
    else {
        // A plugin that fails over other things says so when it checks.
        return Ok(());
    };
    let faults: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
    Err(UsageError::new(format!("the plugin `{}` does not take its options: {}", plugin.name, faults.join("; ")))
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_from_the_folder_of_the_configuration() {
        for (folder, file, expected) in [
            ("/r", "/r/own.wasm", "own.wasm"),
            ("/r/a", "/r/tools/own.wasm", "../tools/own.wasm"),
            ("/r/a/b", "/own.wasm", "../../../own.wasm"),
            ("/", "/r/own.wasm", "r/own.wasm"),
        ] {
            assert_eq!(relative(Path::new(folder), Path::new(file)).as_deref(), Some(expected), "{folder} {file}");
        }
    }

    #[test]
    fn what_is_no_option_is_told() {
        let given = |option: &str| options(&[option.to_owned()]);
        assert_eq!(given("a=[b, 1]").unwrap()["a"], json!(["b", 1]));
        assert_eq!(given("a=b=c # d").unwrap()["a"], "b=c # d");
        for bad in ["a", "=a", " =a", "a=[b"] {
            assert!(given(bad).is_err(), "{bad}");
        }
    }
}
