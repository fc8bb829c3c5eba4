//! `hullmark plugin build`: the component of a project, made by the tools of its language.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::args::BuildArgs;
use super::{CommandError, Exit, Streams, UsageError, bytes, inspect, language, load};
use crate::plugin::{Inspected, Limits, component_bytes};

/// Builds, and says what came of it.
pub(super) fn build(args: &BuildArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let (file, plugin) = component(&args.folder, args.output.as_deref())?;
    let size = bytes(plugin.plugin().size());
    writeln!(streams.out, "{}: {size}, imports {}", file.display(), inspect::imports(&plugin))?;
    write!(streams.out, "{}", inspect::rules(plugin.plugin().info()))?;
    Ok(Exit::Clean)
}

/// Builds the project of a folder: the file of its component, by default one in that folder that has the plugin's name, and
/// the plugin in it.
pub(super) fn component(folder: &Path, output: Option<&Path>) -> Result<(PathBuf, Inspected), UsageError> {
    let built = language::build(folder)?;
    // Before anything is kept, it must be a plugin that loads.
    let plugin = load(&built.file)?;
    let component = component_bytes(&built.file, Limits::default())
        .map_err(|reason| UsageError::new(format!("`{}` makes no component: {reason}", built.file.display())))?;
    let file = output.map_or_else(|| folder.join(format!("{}.wasm", plugin.plugin().info().name)), Path::to_owned);
    let file = file.strip_prefix(".").map(Path::to_owned).unwrap_or(file);
    fs::write(&file, component)
        .map_err(|error| UsageError::new(format!("`{}` cannot be written: {error}", file.display())))?;
    Ok((file, plugin))
}
