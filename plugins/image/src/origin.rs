//! How an image of FROM came about: written there, or made of the defaults of ARGs. What a rule thinks of it is the
//! rule's own business.

use hullmark_sdk::Finding;
use hullmark_sdk::prelude::*;

/// Whether the image moves: whoever pulls it next may get another one.
pub(crate) fn is_moving(image: &Image) -> bool {
    image.digest().is_none() && image.tag().is_none_or(|tag| tag == "latest")
}

/// The image of FROM as it is written.
pub(crate) fn written<'a>(stage: &Stage<'a>) -> &'a str {
    stage.from().arguments().next().and_then(Node::value).unwrap_or_default()
}

/// Whether the image of this stage is written with variables.
pub(crate) fn is_default(stage: &Stage) -> bool {
    written(stage).contains('$')
}

/// Whether the file does not tell which image it is: a variable has no value in it, or Docker would refuse the name.
pub(crate) fn is_unresolved(stage: &Stage) -> bool {
    stage.parent().is_none() && !stage.base().is_some_and(|base| base == "scratch" || parse_image(base).is_some())
}

/// The image of a stage for messages: as it is written and, where that differs, what it stands for.
pub(crate) fn title(stage: &Stage, image: &Image) -> String {
    if is_default(stage) {
        format!("image `{}`, by default `{}`,", written(stage), image.text())
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
