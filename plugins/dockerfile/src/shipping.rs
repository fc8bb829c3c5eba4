//! What of a Dockerfile ends up in the image.

use hullmark_sdk::prelude::*;

/// Whether the layers of a stage are those of the last stage, or lie below them.
pub(crate) fn is_in_image(stage: &Stage) -> bool {
    let last = stage.from().node().document().dockerfile().and_then(Dockerfile::final_stage);
    last.is_some_and(|last| last.lineage().any(|below| below.index() == stage.index()))
}
