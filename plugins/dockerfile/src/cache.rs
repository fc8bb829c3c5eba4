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
