//! `hullmark config` and `hullmark init`: what is configured, its schema, and a first configuration.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::args::{ConfigCommand, ConfigSchemaArgs, ConfigShowArgs, InitArgs};
use super::check::cache_folder;
use super::progress::Compiling;
use super::{CommandError, Exit, Streams, UsageError, configure, rules};
use crate::discover;
use crate::document::Source;
use crate::own;
use crate::plugin::{Limits, Registry};
use crate::policy::{CONFIGURATION, Choice, json_schema, migrate};

/// Bytes of another tool's configuration; a larger file is something else.
const LARGEST: usize = 1 << 20;
/// What is written where there is nothing to go by.
const STARTER: &str = include_str!("starter.yaml");

/// Says what is configured, or how that is written.
pub(super) fn config(command: &ConfigCommand, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    match command {
        ConfigCommand::Show(args) => show(args, streams),
        ConfigCommand::Schema(args) => schema(args, streams),
    }
}

fn show(args: &ConfigShowArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let current = configure::current_folder()?;
    let options = discover::Options { root: args.root.clone(), ..discover::Options::new(current.clone()) };
    let wrong = |error: discover::DiscoverError| UsageError::new(error.to_string());
    let root = configure::root(&options)?;
    let named = discover::named(&options, &args.path).map_err(wrong)?;
    let books = configure::books(&args.configuration, &root, &[named.path], &[])?;
    let cache = cache_folder(&root);
    let compiling = Compiling::new(streams.err_is_terminal, false, cache.as_ref().err().copied());
    let (registry, notifications) = configure::load(&args.plugin, &books, &current, cache.as_deref().ok(), &compiling)?;
    let exit = rules::tell(&notifications, streams)?;
    let own = own::plugins();
    let plugins = configure::plugins(&own, &registry);
    let rulebook = configure::rulebook(books, plugins, Choice::default(), false, notifications.is_empty())?;
    configure::judge_options(&registry, &rulebook)?;
    write!(streams.out, "{}", rulebook.show(&named.relative))?;
    Ok(exit)
}

fn schema(args: &ConfigSchemaArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let (plugins, exit) = rules::load(&args.plugins, streams)?;
    write!(streams.out, "{}", json_schema(&plugins))?;
    Ok(exit)
}

/// Writes a first configuration into the current folder.
pub(super) fn init(args: &InitArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let (text, left) = if args.from.is_empty() {
        (STARTER.to_owned(), Vec::new())
    } else {
        let sources: Vec<Arc<Source>> = args.from.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        let (registry, _) = Registry::load(true, &[], Limits::default());
        let own = own::plugins();
        let migration = migrate(&sources, configure::plugins(&own, &registry))?;
        (migration.text, migration.left)
    };
    let mut file = OpenOptions::new().write(true).create_new(true).open(CONFIGURATION).map_err(|error| {
        UsageError::with_help(
            format!("`{CONFIGURATION}` cannot be written: {error}"),
            "move it away first if it is there",
        )
    })?;
    file.write_all(text.as_bytes())?;
    writeln!(streams.out, "wrote {CONFIGURATION}")?;
    if !left.is_empty() {
        writeln!(streams.out, "not carried over:")?;
        left.iter().try_for_each(|left| writeln!(streams.out, "  {left}"))?;
    }
    Ok(Exit::Clean)
}

fn read(path: &Path) -> Result<Arc<Source>, UsageError> {
    let wrong = |what: &str| UsageError::new(format!("`{}` {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    if bytes.len() > LARGEST {
        return Err(wrong("is larger than 1 MiB"));
    }
    Ok(Arc::new(Source::new(path.display().to_string(), bytes)))
}
