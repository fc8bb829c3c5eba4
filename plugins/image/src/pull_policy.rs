use hullmark_sdk::prelude::*;

use crate::origin;

rule! {
    /// The pull policy makes nodes run different images, or is none that Kubernetes knows.
    ///
    /// ## What it checks
    ///
    /// `imagePullPolicy` of containers: `IfNotPresent` or `Never` on an image whose tag is `latest` or missing and which has
    /// no digest, and any value but `Always`, `IfNotPresent` and `Never`.
    ///
    /// ## Why it matters
    ///
    /// Such an image moves. With `IfNotPresent` each node keeps what it pulled first, so replicas of one workload run
    /// different versions, and a restart does not bring the new one. Without the field Kubernetes itself takes `Always` for
    /// these images, for that reason. Other values are refused by the API server.
    ///
    /// ## Flagged
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
    ///       imagePullPolicy: IfNotPresent
    /// ```
    ///
    /// ## Accepted
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
    ///       imagePullPolicy: IfNotPresent
    ///     - name: tail
    ///       image: busybox:latest
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a version or a digest as the image, or set `imagePullPolicy: Always`.
    ///
    /// ## Options
    ///
    /// - `require-always` (default `false`): demand `Always`, written or implied, for every image without a digest. Then a node
    ///   asks the registry at each start, which also checks that the pod may use a private image that the node already holds.
    ///
    /// ## Other tools
    ///
    /// kube-score and Checkov want `Always` for every image without a digest (kube-score even with one), and polaris wants it
    /// written out. On an image whose tag does not move that costs a request at each start, makes starts depend on the registry
    /// and changes nothing about what runs, so here it is an option.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>
    level: Warning,
    tags: &["reproducibility", "reliability"],
    aliases: &["container-image-pull-policy", "pullPolicyNotAlways", "CKV_K8S_15"],
    references: &["https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy"],
    fragments: true,
    options: &[OptionSpec::flag(
        "require-always",
        false,
        "demand `Always`, written or implied, for every image without a digest",
    )],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    match container.get("imagePullPolicy") {
        Some(policy) => written(container, policy, report),
        None => implied(container, report),
    }
}

fn written(container: &Container, policy: Node, report: &mut Report) {
    let Some(value) = policy.text() else { return };
    if !["Always", "IfNotPresent", "Never"].contains(&value) {
        let message = format!("pull policy `{value}` is none of `Always`, `IfNotPresent` and `Never`");
        report.finding(policy, message);
        return;
    }
    let Some(image) = container.image().filter(|_| value != "Always") else { return };
    let (image_text, title) = (image.text(), container.title());
    if origin::is_moving(&image) {
        let message =
            format!("{title} has the pull policy `{value}`, so nodes keep different versions of `{image_text}`");
        report.finding(policy, message).related(image.place(), "the image, with a tag that moves");
        return;
    }
    if report.options().flag("require-always") && image.digest().is_none() {
        let message = format!("{title} has the pull policy `{value}`, not `Always`, and its image has no digest");
        report.finding(policy, message);
    }
}

fn implied(container: &Container, report: &mut Report) {
    // A patch leaves the field to the object that it patches.
    if !report.options().flag("require-always") || container.document().is_fragment() {
        return;
    }
    let Some(image) = container.image().filter(|image| image.digest().is_none()) else { return };
    if !origin::is_moving(&image) {
        let message = format!(
            "{} has no pull policy, which means `IfNotPresent` for image `{}`",
            container.title(),
            image.text()
        );
        report.finding(container.anchor(&["imagePullPolicy"]), message);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn pod(container: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - {container}\n")
    }

    fn flagged(container: &str) -> Vec<String> {
        manifest(&RULE, &pod(container))
    }

    fn flagged_by_the_strict(container: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"require-always": true}"#).manifest(&pod(container))
    }

    #[test]
    fn an_image_that_stays_may_be_kept() {
        assert_eq!(flagged("{name: a, image: 'nginx:1', imagePullPolicy: IfNotPresent}"), [""; 0]);
        assert_eq!(flagged("{name: a, image: 'nginx:1', imagePullPolicy: Never}"), [""; 0]);
        assert_eq!(flagged(&format!("{{name: a, image: 'nginx:latest@{DIGEST}', imagePullPolicy: Never}}")), [""; 0]);
    }

    #[test]
    fn nothing_written_means_what_is_right() {
        assert_eq!(flagged("{name: a, image: nginx}"), [""; 0]);
        assert_eq!(flagged("{name: a, image: nginx, imagePullPolicy: }"), [""; 0]);
        assert_eq!(flagged("{name: a, image: 'nginx:1'}"), [""; 0]);
    }

    #[test]
    fn a_value_of_another_type_is_passed_over() {
        assert_eq!(flagged("{name: a, image: nginx, imagePullPolicy: [Never]}"), [""; 0]);
    }

    #[test]
    fn a_moving_image_must_not_be_kept() {
        assert_eq!(flagged("{name: a, image: nginx, imagePullPolicy: Never}"), ["Never"]);
        assert_eq!(flagged("{name: a, image: 'nginx:latest', imagePullPolicy: IfNotPresent}"), ["IfNotPresent"]);
    }

    #[test]
    fn values_are_case_sensitive() {
        assert_eq!(flagged("{name: a, image: 'nginx:1', imagePullPolicy: always}"), ["always"]);
    }

    #[test]
    fn the_strict_school_wants_always_unless_a_digest_pins() {
        assert_eq!(flagged_by_the_strict(&format!("{{name: a, image: 'nginx@{DIGEST}'}}")), [""; 0]);
        assert_eq!(flagged_by_the_strict("{name: a, image: nginx}"), [""; 0]);
        assert_eq!(flagged_by_the_strict("{name: a, image: 'nginx:1'}"), ["a"]);
        assert_eq!(
            flagged_by_the_strict("{name: a, image: 'nginx:1', imagePullPolicy: IfNotPresent}"),
            ["IfNotPresent"]
        );
    }
}
