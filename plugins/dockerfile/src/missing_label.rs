use hullmark_sdk::prelude::*;

use crate::stage_sources::sources;

rule! {
    /// The image lacks a label that images must have.
    ///
    /// ## What it checks
    ///
    /// The keys of the option `required`, in every stage that no other stage is built from or copies from: it, or a stage that
    /// it is built from, must have a label of that key. While the option is empty, as it is by default, the rule says nothing.
    ///
    /// ## Why it matters
    ///
    /// Who finds an image in a registry or on a node asks whose it is, what it was built from and whether it is current. Labels
    /// answer, where they are there.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// # options: {"required": ["org.opencontainers.image.source"]}
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.title="web"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// # options: {"required": ["org.opencontainers.image.source"]}
    /// FROM golang:1.25.3 AS build
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.source="https://git.example/acme/web"
    /// COPY --from=build /web /web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the label.
    ///
    /// ## Options
    ///
    /// - `required` (default: empty): keys of labels that every image must have.
    ///
    /// ## Other tools
    ///
    /// hadolint reports stages too that are used by number, through `RUN --mount`, or through a third stage only.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/engine/manage-resources/labels/>
    /// - <https://specs.opencontainers.org/image-spec/annotations/>
    level: Note,
    tags: &["policy"],
    precision: High,
    aliases: &["DL3049"],
    references: &["https://docs.docker.com/engine/manage-resources/labels/", "https://specs.opencontainers.org/image-spec/annotations/"],
    options: &[OptionSpec::texts("required", &[], "keys of labels that every image must have")],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let required: Vec<String> = report.options().texts("required").map(str::to_owned).collect();
    if required.is_empty() || stage.is_implied() || is_used(stage) {
        return;
    }
    for key in required {
        let has_key =
            |stage: Stage| stage.all("LABEL").flat_map(Instruction::pairs).any(|pair| pair.key() == Some(&key));
        if !stage.lineage().any(has_key) {
            report.finding(stage.place(), format!("the image has no label `{key}`"));
        }
    }
}

/// Whether another stage is built from it or takes files from it.
fn is_used(stage: &Stage) -> bool {
    let Some(file) = stage.from().node().document().dockerfile() else { return false };
    let is_it = |other: Stage| other.index() == stage.index();
    let is_source =
        |instruction: Instruction| sources(&instruction).iter().any(|source| source.stage(file).is_some_and(is_it));
    let others = || file.stages().filter(|other| !is_it(*other));
    others().any(|other| other.parent().is_some_and(is_it) || other.instructions().any(is_source))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(text: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"required": ["k"]}"#).dockerfile(text)
    }

    #[test]
    fn nothing_is_required_by_default() {
        assert_eq!(dockerfile(&RULE, "FROM a\n"), [""; 0]);
    }

    #[test]
    fn a_label_is_inherited() {
        assert_eq!(flagged("FROM a\nLABEL x=1 \"k\"=v\n"), [""; 0]);
        assert_eq!(flagged("FROM a AS b\nLABEL k v\nFROM b AS c\nFROM c\n"), [""; 0]);
    }

    #[test]
    fn stages_that_others_use_are_no_images() {
        assert_eq!(flagged("FROM a AS b\nFROM b\nLABEL k=v\n"), [""; 0]);
        assert_eq!(flagged("FROM a AS b\nFROM c\nLABEL k=v\nCOPY --from=0 /x /\n"), [""; 0]);
        assert_eq!(flagged("FROM a AS b\nFROM c\nLABEL k=v\nRUN --mount=from=b,target=/x ls\n"), [""; 0]);
    }

    #[test]
    fn every_image_and_every_key_is_looked_at() {
        assert_eq!(flagged("FROM a AS b\nFROM c\nLABEL k=v\nFROM d\nONBUILD LABEL k=v\n"), ["a", "d"]);
        let both = Trial::with(&RULE, r#"{"required": ["k", "l"]}"#);
        assert_eq!(both.dockerfile("FROM a\nLABEL K=v\n"), ["a", "a"]);
    }
}
