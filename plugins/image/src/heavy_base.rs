use hullmark_sdk::prelude::*;

use crate::origin;

rule! {
    /// The image is built on a full one, of which there is a smaller variant.
    ///
    /// ## What it checks
    ///
    /// The base image of the last stage, and of the stages that it is built from, against the option `variants`. Stages that only
    /// hand over files may be as large as they like. Images without a tag, or whose tag names a variant already, are passed
    /// over. The rule is off unless it is selected, for a small variant lacks something that some programs need.
    ///
    /// ## Why it matters
    ///
    /// A full image holds compilers, version control and hundreds of packages that no service needs. All of it is pulled by every
    /// node, and every hole found in any of it is yours to mend.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.13.7
    /// CMD ["python", "app.py"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.13.7 AS build
    /// FROM python:3.13.7-slim
    /// CMD ["python", "app.py"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the variant that the message names, or a distroless image, and install what the program needs beyond it.
    ///
    /// ## Options
    ///
    /// `variants` (default: `debian:slim`, `eclipse-temurin:jre`, `elixir:slim`, `erlang:slim`, `golang:alpine`, `httpd:alpine`,
    /// `nginx:alpine`, `node:slim`, `perl:slim`, `php:alpine`, `pypy:slim`, `python:slim`, `ruby:slim`, `rust:slim`, `swift:slim`): images,
    /// each with the word that its tags have where they name the small variant. An image of Docker Hub is written without
    /// `docker.io`, another one with its registry.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#choose-the-right-base-image>
    level: Note,
    enabled: false,
    precision: Medium,
    tags: &["size", "security"],
    security_severity: Some("2.0"),
    references: &["https://docs.docker.com/build/building/best-practices/#choose-the-right-base-image"],
    options: &[OptionSpec::texts(
        "variants",
        &[
            "debian:slim", "eclipse-temurin:jre", "elixir:slim", "erlang:slim", "golang:alpine", "httpd:alpine",
            "nginx:alpine", "node:slim", "perl:slim", "php:alpine", "pypy:slim", "python:slim", "ruby:slim", "rust:slim",
            "swift:slim",
        ],
        "Images, each with the word that its tags have where they name the small variant.",
    )],
    checks: &[Dockerfile(file)],
}

/// Words of tags that name a small variant, whichever it is.
const SMALL: [&str; 6] = ["slim", "alpine", "distroless", "jre", "nanoserver", "musl"];

fn file(file: &Dockerfile, report: &mut Report) {
    let Some(stage) = file.final_stage().and_then(|last| last.lineage().last()) else { return };
    let Some(image) = stage.image() else { return };
    let Some(tag) = image.tag().filter(|tag| !SMALL.iter().any(|word| tag.contains(word))) else { return };
    let name = image.familiar_name();
    let variants = report.options().texts("variants").filter_map(|entry| entry.rsplit_once(':'));
    let variant = variants.filter(|(listed, _)| *listed == name).map(|(_, variant)| variant.to_owned()).next();
    let Some(variant) = variant.filter(|variant| !tag.contains(variant.as_str())) else { return };
    let is_version = tag.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let message = format!("{} is a full image; it has a smaller variant, `{variant}`", origin::title(&stage, &image));
    let finding = report.finding(image.tag_place(), message);
    if is_version && image.digest().is_none() && image.is_literal() {
        let fix = Fix::needs_review(format!("use the variant `{variant}`"));
        finding.fix(fix.insert_after(image.tag_place(), format!("-{variant}")));
    }
    origin::explain(finding, &stage);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn small_and_unknown_images_are_fine() {
        for text in [
            "FROM python:3.13-slim\n",
            "FROM python:3.13-alpine3.22\n",
            "FROM eclipse-temurin:21-jre-noble\n",
            "FROM acme/python:3\n",
            "FROM ghcr.io/library/python:3\n",
            "FROM python\n",
            "FROM python:$V\n",
            "FROM python:3.13 AS build\nFROM scratch\nCOPY --from=build /a /a\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_full_image_is_flagged_where_the_last_stage_begins() {
        assert_eq!(
            dockerfile(&RULE, "FROM node:22-bookworm AS base\nFROM golang:1 AS b\nFROM base\n"),
            ["22-bookworm"]
        );
        assert_eq!(dockerfile(&RULE, "ARG V=3\nFROM docker.io/library/python:$V\n"), ["docker.io/library/python:$V"]);
        let own = Trial::with(&RULE, r#"{"variants": ["ghcr.io/acme/base:tiny"]}"#);
        assert_eq!(own.dockerfile("FROM ghcr.io/acme/base:4\n"), ["4"]);
        assert_eq!(own.dockerfile("FROM python:3\n"), [""; 0]);
    }

    #[test]
    fn the_fix_names_the_variant() {
        let fixed = |text: &str| Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed("FROM python:3.13\n"), "FROM python:3.13-slim\n");
        assert_eq!(fixed("FROM python:3.13-bookworm\n"), "FROM python:3.13-bookworm\n");
    }
}
