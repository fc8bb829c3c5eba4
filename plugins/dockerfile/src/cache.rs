//! Caches that package managers leave behind.

use hullmark_sdk::prelude::*;

/// Whether an image carries what the command leaves behind: it runs in the final stage, in one that another is built from, or
/// when an ONBUILD is triggered.
pub(crate) fn stays(command: &Command) -> bool {
    let Some(stage) = command.instruction().stage() else { return true };
    let document = command.instruction().node().document();
    let is_base = |other: Stage| other.parent().is_some_and(|parent| parent.index() == stage.index());
    stage.is_final() || document.dockerfile().into_iter().flat_map(|file| file.stages()).any(is_base)
}

/// Whether the step writes the tool's cache to a folder that is no part of the image.
pub(crate) fn is_mounted(command: &Command, tool: &str) -> bool {
    let mut mounts = command.instruction().mounts().filter(|mount| mount.is_outside_image());
    mounts.any(|mount| mount.target().is_some_and(|target| may_be_cache(target, tool)))
}

/// Whether a later command of the step removes the tool's cache.
pub(crate) fn is_removed(command: &Command, tool: &str) -> bool {
    let mut removals = command.after().map(Command::unwrapped).filter(|later| later.name() == Some("rm"));
    removals.any(|rm| rm.words().skip(1).any(|word| may_be_cache(word.raw(), tool)))
}

fn may_be_cache(path: &str, tool: &str) -> bool {
    let path = path.trim_end_matches(['/', '*']);
    path.contains(tool) || path.ends_with(".cache")
}
