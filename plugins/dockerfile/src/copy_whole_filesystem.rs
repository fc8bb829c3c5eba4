use hullmark_sdk::prelude::*;

use crate::words::sources_and_destination;

rule! {
    /// `COPY --from` copies the whole file system of another stage over this one.
    ///
    /// ## What it checks
    ///
    /// `COPY --from` with `/` as source and destination, except in a stage from `scratch`, where it makes one layer of many.
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
    /// ## Other tools
    ///
    /// hadolint flags a stage from `scratch` too.
    tags: &["size", "security"],
    security_severity: Some("3.0"),
    precision: High,
    aliases: &["DL3067"],
    references: &["https://docs.docker.com/build/building/multi-stage/"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    if stage.base() == Some("scratch") {
        return;
    }
    for copy in stage.all("COPY").filter(|copy| copy.flag("from").is_some()) {
        let Some((sources, destination)) = sources_and_destination(&copy) else { continue };
        if destination.resolved() != Some("/") {
            continue;
        }
        if let Some(source) = sources.into_iter().find(|source| source.resolved() == Some("/")) {
            let from = copy.flag("from").and_then(Node::value).unwrap_or_default();
            report.finding(source, format!("the whole file system of `{from}` is copied"));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_part_is_not_the_whole() {
        let text = "FROM a AS one\nFROM b\nCOPY --from=one / /x/\nCOPY --from=one /x /\nCOPY / /\nFROM scratch\nCOPY --from=one / /\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn every_form_is_seen() {
        let text = "FROM a AS one\nFROM b\nCOPY --from=one / /\nCOPY --from=c:1 [\"/\", \"/\"]\nCOPY --from=one '/' \"/\"\n";
        assert_eq!(dockerfile(&RULE, text), ["/", "\"/\"", "'/'"]);
    }
}
