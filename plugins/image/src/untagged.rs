use hullmark_sdk::prelude::*;

use crate::origin;

rule! {
    /// The image has neither a tag nor a digest, so its version is whatever `latest` is today.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM` and of containers. `scratch` and the names of earlier stages are no images. Variables in `FROM` stand
    /// for the defaults of the `ARG` instructions before the first `FROM`; an image without a default is passed over.
    ///
    /// ## Why it matters
    ///
    /// Docker and Kubernetes read an image without a tag as `latest`, a label that moves with every release: a build or a
    /// restart brings in another version than the one that was tried, and nothing in the repository says which.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx
    /// ```
    ///
    /// ```dockerfile
    /// ARG BASE=nginx
    /// FROM ${BASE}
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: localhost:5000/web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// FROM build AS tested
    /// FROM scratch
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: localhost:5000/web:1.4.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the version that you have tried as the tag. Add a digest where the image must never change at all.
    ///
    /// ## Options
    ///
    /// - `unresolved` (default: `false`): flag an image in `FROM` with a variable that has no value in the file, or with a name
    ///   that Docker would refuse, too, unless a tag or a digest is written behind it.
    ///
    /// ## Other tools
    ///
    /// Some tools take the port of a registry for a tag (`localhost:5000/web`), or pass over every image that is a variable;
    /// here references are read as Docker reads them, defaults put in.
    ///
    /// A kustomization may set the tag through `images:`. The rule looks at the text alone; suppress it where that is so.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/containers/images/#image-names>
    /// - <https://docs.docker.com/build/building/best-practices/#pin-base-image-versions>
    level: Warning,
    tags: &["reproducibility"],
    precision: High,
    aliases: &[
        "DL3006", "DS-0001", "CKV_DOCKER_7", "latest-tag", "container-image-tag", "tagNotSpecified", "KSV-0013", "CKV_K8S_14",
    ],
    references: &[
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    ],
    fragments: true,
    options: &[OptionSpec::flag(
        "unresolved",
        false,
        "whether to flag an image with a variable that has no value in the file, or with a name that Docker would refuse, too",
    )],
    checks: &[Stage(stage), Container(container)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let written = origin::written(stage);
    if stage.is_implied() {
        return;
    }
    let is_unresolved = origin::is_unresolved(stage);
    let title = match stage.image().filter(is_untagged) {
        Some(image) => origin::title(stage, &image),
        None if is_unresolved && report.options().flag("unresolved") && !has_tag(written) => {
            format!("image `{written}`")
        }
        None => return,
    };
    let finding = report.finding(stage.place(), format!("{title} has no tag"));
    // hadolint takes a registry with a port for an image with a tag, unless it has a dot.
    let first = written.split_once('/').map_or("", |(first, _)| first);
    finding.aliases_if(&[
        ("DL3006", !written.starts_with('$') && (!first.contains(':') || first.contains('.'))),
        ("DS-0001", !is_unresolved || !written.contains('$')),
        ("CKV_DOCKER_7", !written.contains(':')),
    ]);
    origin::explain(finding, stage);
}

/// Whether a tag or digest is written, whatever the variables hold.
fn has_tag(written: &str) -> bool {
    let last = written.rsplit('/').next().unwrap_or(written);
    last.contains(['@', ':'])
}

fn container(container: &Container, report: &mut Report) {
    let Some(image) = container.image().filter(is_untagged) else { return };
    let finding = report.finding(image.place(), format!("image `{}` has no tag", image.text()));
    // kube-score and polaris take the port of a registry for a tag.
    finding.aliases(if image.text().contains(':') {
        &["latest-tag", "KSV-0013", "CKV_K8S_14"]
    } else {
        &["latest-tag", "container-image-tag", "tagNotSpecified", "KSV-0013", "CKV_K8S_14"]
    });
}

fn is_untagged(image: &Image) -> bool {
    image.tag().is_none() && image.digest().is_none()
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn scratch_and_earlier_stages_are_no_images() {
        assert_eq!(dockerfile(&RULE, "FROM golang:1.25 AS Build\nFROM build AS b\nFROM scratch\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "ARG BASE=scratch\nFROM ${BASE}\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "ARG BASE=build\nFROM golang:1.25 AS build\nFROM $BASE\n"), [""; 0]);
    }

    #[test]
    fn a_later_stage_of_that_name_does_not_count() {
        assert_eq!(dockerfile(&RULE, "FROM build\nFROM golang:1.25 AS build\n"), ["build"]);
    }

    #[test]
    fn a_variable_without_a_default_is_passed_over() {
        assert_eq!(dockerfile(&RULE, "ARG BASE\nFROM ${BASE}\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM ${BASE}\n"), [""; 0]);
    }

    #[test]
    fn a_default_may_be_made_of_another() {
        assert_eq!(dockerfile(&RULE, "ARG NAME=nginx\nARG BASE=team/$NAME\nFROM $BASE\n"), ["$BASE"]);
        assert_eq!(dockerfile(&RULE, "ARG TAG=1\nARG BASE=nginx:$TAG\nFROM $BASE\n"), [""; 0]);
    }

    #[test]
    fn a_default_may_stand_in_the_variable() {
        assert_eq!(dockerfile(&RULE, "FROM ${BASE:-nginx}\n"), ["${BASE:-nginx}"]);
        assert_eq!(dockerfile(&RULE, "FROM ${BASE:-nginx:1}\n"), [""; 0]);
    }

    #[test]
    fn variables_without_a_value_may_be_flagged() {
        let text =
            "FROM $A\nFROM $A:1\nFROM reg:5000/$A\nFROM a@$D\nFROM scratch AS s\nFROM s\nFROM Base\nFROM Base:1\n";
        assert_eq!(Trial::with(&RULE, r#"{"unresolved": true}"#).dockerfile(text), ["$A", "reg:5000/$A", "Base"]);
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(dockerfile(&RULE, "FROM localhost:5000/web\n"), ["localhost:5000/web"]);
    }
}
