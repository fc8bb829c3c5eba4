//! `hullmark plugin`: a plugin from its first file to its component.

mod add;
mod build;
mod inspect;
mod language;
mod new;
mod test;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use super::args::PluginCommand;
use super::check::cache_folder;
use super::progress::Compiling;
use super::{CommandError, Exit, Streams, UsageError, configure};
use crate::discover::Options;
use crate::finding::HOST_PLUGINS;
use crate::plugin::{Inspected, Limits, Registry};

/// Does what was asked of a plugin.
pub(super) fn plugin(command: &PluginCommand, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    match command {
        PluginCommand::New(args) => new::new(args, streams),
        PluginCommand::Build(args) => build::build(args, streams),
        PluginCommand::Test(args) => test::test(args, streams),
        PluginCommand::Add(args) => add::add(args, streams),
        PluginCommand::Inspect(args) => inspect::inspect(args, streams),
    }
}

/// Whether a plugin that comes with this program has that name.
fn is_own_name(name: &str) -> bool {
    let (builtin, _) = Registry::load(true, &[], Limits::default());
    HOST_PLUGINS.contains(&name) || builtin.plugins().iter().any(|plugin| plugin.info().name == name)
}

/// The plugin of a file.
fn load(file: &Path) -> Result<Inspected, UsageError> {
    let cache = cache()?;
    let compiling = compiling(&cache);
    Inspected::load(file, Limits::default(), cache.as_deref().ok(), Some(&|told| compiling.hear(told)))
        .map_err(|reason| UsageError::new(format!("`{}` is no plugin that loads: {reason}", file.display())))
}

/// Where compiled code is kept, or why nowhere.
fn cache() -> Result<Result<PathBuf, &'static str>, UsageError> {
    let root = configure::root(&Options::new(&configure::current_folder()?))?;
    Ok(cache_folder(&root))
}

/// Tells whoever waits for a compilation what for.
fn compiling(cache: &Result<PathBuf, &'static str>) -> Compiling {
    Compiling::new(io::stderr().is_terminal(), false, cache.as_ref().err().copied())
}

/// A number of bytes for people.
fn bytes(count: usize) -> String {
    const KIB: f64 = 1024.0;
    let kib = count as f64 / KIB;
    if kib < KIB { format!("{kib:.1} KiB") } else { format!("{:.1} MiB", kib / KIB) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_larger_unit_that_fits() {
        assert_eq!(bytes(512), "0.5 KiB");
        assert_eq!(bytes(100_000), "97.7 KiB");
        assert_eq!(bytes(18 << 20), "18.0 MiB");
    }
}
