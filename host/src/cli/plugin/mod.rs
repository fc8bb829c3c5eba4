//! `hullmark plugin`: a plugin from its first file to its component.

mod build;
mod inspect;
mod language;
mod new;
mod test;

use std::path::Path;

use super::args::PluginCommand;
use super::check::cache_folder;
use super::{CommandError, Exit, Streams, UsageError};
use crate::plugin::{Inspected, Limits};

/// Does what was asked of a plugin.
pub(super) fn plugin(command: &PluginCommand, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    match command {
        PluginCommand::New(args) => new::new(args, streams),
        PluginCommand::Build(args) => build::build(args, streams),
        PluginCommand::Test(args) => test::test(args, streams),
        PluginCommand::Inspect(args) => inspect::inspect(args, streams),
    }
}

/// The plugin of a file.
fn load(file: &Path) -> Result<Inspected, UsageError> {
    Inspected::load(file, Limits::default(), cache_folder().as_deref())
        .map_err(|reason| UsageError::new(format!("`{}` is no plugin that loads: {reason}", file.display())))
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
