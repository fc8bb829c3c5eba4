//! How an image of FROM came about: written there, or made of the defaults of ARGs. What a rule thinks of it is the
//! rule's own business.

use hullmark_sdk::Finding;
use hullmark_sdk::prelude::*;

/// Whether the image moves: whoever pulls it next may get another one.
pub(crate) fn is_moving(image: &Image) -> bool {
    image.digest().is_none() && image.tag().is_none_or(|tag| tag == "latest")
}

/// Whether the image of this stage is made of defaults of ARGs.
pub(crate) fn is_default(stage: &Stage) -> bool {
    !stage.image_defaults().is_empty()
}

/// The image of a stage for messages: as it is written and, where that differs, what it stands for.
pub(crate) fn title(stage: &Stage, image: &Image) -> String {
    let written = stage.from().arguments().next().and_then(Node::value).unwrap_or_default();
    if is_default(stage) {
        format!("image `{written}`, by default `{}`,", image.text())
    } else {
        format!("image `{}`", image.text())
    }
}

/// Points at the ARGs whose defaults made the image.
pub(crate) fn explain(finding: &mut Finding, stage: &Stage) {
    for pair in stage.image_defaults() {
        finding.related(pair, format!("default of `{}`", pair.key().unwrap_or_default()));
    }
}
