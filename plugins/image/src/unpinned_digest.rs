use hullmark_sdk::prelude::*;

use crate::borrowed::Borrowed;
use crate::origin;

rule! {
    /// The image has no digest, so whoever owns its tag can replace it.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM`, of `COPY --from` and `RUN --mount=from`, and of containers that are not pinned by a digest
    /// (`@sha256:…`). `scratch` and the names of stages are no images. Variables in `FROM` stand for the defaults of the `ARG`
    /// instructions before the first `FROM`; an image without a default is passed over. The rule is off unless it is selected,
    /// since many teams pin versions only.
    ///
    /// ## Why it matters
    ///
    /// A tag is a label that can be moved, by a new release or by whoever takes over an account. A digest is computed from
    /// the content: the registry can only answer with exactly that image.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1
    /// COPY --from=busybox:1.37 /bin/busybox /bin/
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
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM nginx:1.29.1@sha256:8adbdcb969e2676478ee2c7ad333956f0c8e0e4c5a7463f4611d7a2e7a7ff5dc
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
    ///       image: nginx@sha256:8adbdcb969e2676478ee2c7ad333956f0c8e0e4c5a7463f4611d7a2e7a7ff5dc
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add the digest of the image that you have tried, and let a bot move it. Keep the tag before it for readers: where both
    /// are written, the digest decides.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/containers/images/#image-names>
    /// - <https://docs.docker.com/build/building/best-practices/#pin-base-image-versions>
    level: Warning,
    enabled: false,
    tags: &["security", "reproducibility", "supply-chain", "external/cwe/cwe-494"],
    security_severity: Some("4.0"),
    aliases: &["CKV_K8S_43"],
    references: &[
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
    ],
    fragments: true,
    checks: &[Stage(stage), Instruction("COPY", borrowed), Instruction("RUN", borrowed), Container(container)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(image) = stage.image().filter(|image| image.digest().is_none()) else { return };
    let message = format!("{} is not pinned by a digest", origin::title(stage, &image));
    let finding = report.finding(image.place(), message);
    finding.aliases(&[]);
    origin::explain(finding, stage);
}

fn borrowed(instruction: &Instruction, report: &mut Report) {
    for image in Borrowed::all(instruction) {
        if parse_image(image.text).is_some_and(|parsed| parsed.digest.is_none()) {
            let message = format!("image `{}` is not pinned by a digest", image.text);
            report.finding(image.place(image.text), message).aliases(&[]);
        }
    }
}

fn container(container: &Container, report: &mut Report) {
    let Some(image) = container.image().filter(|image| image.digest().is_none()) else { return };
    report.finding(image.place(), format!("image `{}` is not pinned by a digest", image.text()));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_digest_is_enough() {
        assert_eq!(dockerfile(&RULE, &format!("FROM nginx@{DIGEST}\nFROM nginx:1@{DIGEST}\n")), [""; 0]);
        assert_eq!(dockerfile(&RULE, &format!("ARG DIGEST={DIGEST}\nFROM nginx@$DIGEST\n")), [""; 0]);
    }

    #[test]
    fn what_is_no_image_needs_none() {
        assert_eq!(dockerfile(&RULE, &format!("FROM nginx@{DIGEST} AS a\nFROM a\nFROM scratch\nFROM $B\n")), [""; 0]);
    }

    #[test]
    fn images_that_files_are_taken_from_count() {
        let text = format!(
            "FROM nginx@{DIGEST} AS a\nCOPY --from=a /b /b\nCOPY --from=busybox:1 /c /c\nRUN --mount=type=bind,from=alpine,target=/d --mount=from=x@{DIGEST},target=/e ls\n"
        );
        assert_eq!(dockerfile(&RULE, &text), ["busybox:1", "alpine"]);
    }

    #[test]
    fn a_version_is_not_enough() {
        assert_eq!(dockerfile(&RULE, "FROM nginx:1.29.1\n"), ["nginx:1.29.1"]);
    }
}
