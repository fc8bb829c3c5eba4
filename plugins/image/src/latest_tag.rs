use hullmark_sdk::prelude::*;

use crate::origin;

rule! {
    /// The image has the tag `latest`, which names another image tomorrow.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM` and of containers whose tag is `latest` and which have no digest. Variables in `FROM` stand for the
    /// defaults of the `ARG` instructions before the first `FROM`; of an image without a default, only a written tag counts.
    ///
    /// ## Why it matters
    ///
    /// A tag is a label that its owner moves. `latest` moves with every release, so a build or a restart brings in another
    /// version than the one that was tried, two nodes run different ones, and there is no name to roll back to.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:latest
    /// ```
    ///
    /// ```dockerfile
    /// ARG TAG=latest
    /// FROM nginx:${TAG}
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
    ///       image: nginx:latest
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
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
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the version that you have tried. Add a digest where the image must never change at all.
    ///
    /// ## Other tools
    ///
    /// Several tools count an image without a tag here as well, since Docker then takes `latest`; that is `image/untagged`, so
    /// that each can be chosen on its own. An image with a digest is accepted whatever its tag says: the digest decides.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/containers/images/#image-names>
    /// - <https://docs.docker.com/build/building/best-practices/#pin-base-image-versions>
    level: Warning,
    tags: &["reproducibility"],
    aliases: &[
        "DL3007", "DS-0001", "CKV_DOCKER_7", "latest-tag", "container-image-tag", "tagNotSpecified", "KSV-0013", "CKV_K8S_14",
    ],
    references: &[
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    ],
    fragments: true,
    checks: &[Stage(stage), Container(container)],
}

fn stage(stage: &Stage, report: &mut Report) {
    if origin::is_unresolved(stage) {
        unresolved(stage, report);
        return;
    }
    let Some(image) = stage.image().filter(is_latest) else { return };
    let message = format!("{} has the tag `latest`", origin::title(stage, &image));
    let finding = report.finding(image.tag_place(), message);
    // Trivy alone puts defaults in, and knows quotes.
    let is_written = origin::written(stage).ends_with(":latest");
    finding.aliases(if is_written { &["DL3007", "DS-0001", "CKV_DOCKER_7"] } else { &["DS-0001"] });
    origin::explain(finding, stage);
}

/// Whatever `$REGISTRY/nginx:latest` comes to, its tag is there to read.
fn unresolved(stage: &Stage, report: &mut Report) {
    let (Some(node), written) = (stage.from().arguments().next(), origin::written(stage)) else { return };
    if let Some(name) = written.strip_suffix(":latest") {
        report.finding(node.part(name.len() + 1, "latest"), format!("image `{written}` has the tag `latest`"));
    }
}

fn container(container: &Container, report: &mut Report) {
    let Some(image) = container.image().filter(is_latest) else { return };
    report.finding(image.tag_place(), format!("image `{}` has the tag `latest`", image.text())).aliases(&[
        "latest-tag",
        "container-image-tag",
        "tagNotSpecified",
        "KSV-0013",
        "CKV_K8S_14",
    ]);
}

fn is_latest(image: &Image) -> bool {
    image.tag() == Some("latest") && image.digest().is_none()
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_digest_decides_whatever_the_tag_says() {
        assert_eq!(dockerfile(&RULE, &format!("FROM nginx:latest@{DIGEST}\n")), [""; 0]);
    }

    #[test]
    fn only_the_tag_counts() {
        assert_eq!(dockerfile(&RULE, "FROM latest:1\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM nginx:latest-alpine\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM nginx\n"), [""; 0]);
    }

    #[test]
    fn a_variable_without_a_default_is_passed_over() {
        assert_eq!(dockerfile(&RULE, "ARG TAG\nFROM nginx:$TAG\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM $REGISTRY/nginx:latest-$TAG\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM $REGISTRY/nginx:latest\n"), ["latest"]);
    }

    #[test]
    fn the_tag_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM localhost:5000/nginx:latest AS web\n"), ["latest"]);
    }

    #[test]
    fn a_default_is_flagged_where_it_is_used_and_explained_where_it_is_set() {
        let found = Trial::of(&RULE).found(&[("Dockerfile", "ARG TAG=latest\nFROM nginx:${TAG}\n")]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].token, "nginx:${TAG}");
        assert_eq!(found[0].finding.message(), "image `nginx:${TAG}`, by default `nginx:latest`, has the tag `latest`");
    }
}
