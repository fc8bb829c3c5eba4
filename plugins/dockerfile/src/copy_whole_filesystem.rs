use hullmark_sdk::prelude::*;

use crate::stage_sources::sources;
use crate::words::{sources_and_destination, written};

rule! {
    /// `COPY --from` copies the whole file system of another stage over this one.
    ///
    /// ## What it checks
    ///
    /// `COPY --from` of a stage with `/` as source and destination. A stage from `scratch` is passed over on both sides: it
    /// makes one layer of many, or holds nothing but files; so are other images, of which the file does not show what is in
    /// them.
    ///
    /// ## Why it matters
    ///
    /// The point of a second stage is to leave behind what the build needed. Copying `/` brings compilers, caches and secrets
    /// with it, and overwrites the base image's own files.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// FROM alpine:3.22
    /// COPY --from=build / /
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// FROM alpine:3.22
    /// COPY --from=build /go/bin/ /usr/local/bin/
    /// ```
    ///
    /// ```dockerfile
    /// FROM alpine:3.22 AS rootfs
    /// FROM scratch
    /// COPY --from=rootfs / /
    /// ```
    ///
    /// ## How to fix
    ///
    /// Copy the folders that the image needs.
    ///
    /// ## Options
    ///
    /// - `every` (default: `false`): flag every such `COPY`, whatever it copies from and to.
    ///
    /// ## Other tools
    ///
    /// hadolint does what the option says.
    tags: &["size", "security"],
    security_severity: Some("3.0"),
    precision: High,
    aliases: &["DL3067"],
    references: &["https://docs.docker.com/build/building/multi-stage/"],
    options: &[OptionSpec::flag("every", false, "whether to flag copies from other images, and from and to `scratch`, too")],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(file) = stage.from().node().document().dockerfile() else { return };
    let every = report.options().flag("every");
    for copy in stage.all("COPY") {
        let Some(from) = sources(&copy).into_iter().next() else { continue };
        let Some((paths, destination)) = sources_and_destination(&copy) else { continue };
        let is_filled = || from.stage(file).is_some_and(|from| !is_from_scratch(from)) && !is_from_scratch(*stage);
        if destination.resolved() != Some("/") || !every && !is_filled() {
            continue;
        }
        if let Some(path) = paths.into_iter().find(|path| path.resolved() == Some("/")) {
            let kind = if from.stage(file).is_some() { "stage" } else { "image" };
            let finding = report.finding(path, format!("the whole file system of {kind} `{}` is copied", from.name));
            if written(path) != "/" || written(destination) != "/" {
                finding.aliases(&[]);
            }
        }
    }
}

fn is_from_scratch(stage: Stage) -> bool {
    stage.lineage().last().and_then(Stage::base) == Some("scratch")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_part_is_not_the_whole() {
        let text = "FROM a AS one\nFROM b\nCOPY --from=one / /x/\nCOPY --from=one /x /\nCOPY / /\nFROM scratch AS files\n\
            COPY --from=one / /\nFROM b\nCOPY --from=files / /\nCOPY --from=c:1 / /\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn every_source_may_be_flagged() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        let text = "FROM scratch AS a\nCOPY --from=b:1 / /\nFROM scratch\nCOPY --from=a / /\nCOPY / /\n";
        assert_eq!(trial.dockerfile(text), ["/", "/"]);
    }

    #[test]
    fn every_form_is_seen() {
        let text =
            "FROM a AS one\nFROM b\nCOPY --from=one / /\nCOPY --from=0 [\"/\", \"/\"]\nCOPY --from=one '/' \"/\"\n";
        assert_eq!(dockerfile(&RULE, text), ["/", "\"/\"", "'/'"]);
    }
}
