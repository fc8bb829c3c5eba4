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
    /// - `pinned` (default `false`): with `require-always`, demand it for images with a digest too.
    /// - `explicit` (default `false`): demand that the policy is written.
    /// - `forbidden` (default: empty): policies that no container may have, whatever its image.
    ///
    /// ## Other tools
    ///
    /// kube-score and Checkov want `Always` for every image without a digest, kube-score even with one, and polaris wants it
    /// written out for all. On an image whose tag does not move that costs a request at each start, makes starts depend on the registry
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
    options: &[
        OptionSpec::flag(
            "require-always",
            false,
            "demand `Always`, written or implied, for every image without a digest",
        ),
        OptionSpec::flag("pinned", false, "with `require-always`, demand it for images with a digest too"),
        OptionSpec::flag("explicit", false, "demand that the policy is written"),
        OptionSpec::words("forbidden", &[], &POLICIES, "policies that no container may have, whatever its image"),
    ],
    checks: &[Container(container)],
}

/// What Kubernetes knows.
const POLICIES: [&str; 3] = ["Always", "IfNotPresent", "Never"];

fn container(container: &Container, report: &mut Report) {
    match container.get("imagePullPolicy") {
        Some(policy) => written(container, policy, report),
        None => implied(container, report),
    }
}

fn written(container: &Container, policy: Node, report: &mut Report) {
    let Some(value) = policy.text() else { return };
    let title = container.title();
    let image = container.image();
    let is_pinned = image.as_ref().is_some_and(|image| image.digest().is_some());
    let finding = if !POLICIES.contains(&value) {
        let message = format!("pull policy `{value}` is none of `Always`, `IfNotPresent` and `Never`");
        report.finding(policy, message)
    } else if report.options().texts("forbidden").any(|forbidden| forbidden == value) {
        report.finding(policy, format!("{title} has the pull policy `{value}`, which is forbidden"))
    } else if value == "Always" {
        return;
    } else if let Some(image) = image.as_ref().filter(|image| origin::is_moving(image)) {
        let image_text = image.text();
        let message =
            format!("{title} has the pull policy `{value}`, so nodes keep different versions of `{image_text}`");
        let finding = report.finding(policy, message);
        finding.related(image.place(), "the image, with a tag that moves")
    } else if image.is_some() && demands_always(is_pinned, report) {
        let why = if is_pinned { "" } else { ", and its image has no digest" };
        report.finding(policy, format!("{title} has the pull policy `{value}`, not `Always`{why}"))
    } else {
        return;
    };
    finding.aliases_if(&[
        ("container-image-pull-policy", value != "Always"),
        ("pullPolicyNotAlways", value != "Always"),
        ("CKV_K8S_15", value != "Always" && !is_pinned),
    ]);
}

fn implied(container: &Container, report: &mut Report) {
    // A patch leaves the field to the object that it patches.
    if container.document().is_fragment() {
        return;
    }
    let Some(image) = container.image() else { return };
    let title = container.title();
    let policy = if origin::is_moving(&image) { "Always" } else { "IfNotPresent" };
    let is_pinned = image.digest().is_some();
    let is_demanded = policy != "Always" && demands_always(is_pinned, report);
    if !is_demanded && !report.options().flag("explicit") {
        return;
    }
    let message = format!("{title} has no pull policy, which means `{policy}` for image `{}`", image.text());
    report.finding(container.anchor(&["imagePullPolicy"]), message).aliases_if(&[
        ("container-image-pull-policy", policy != "Always"),
        ("pullPolicyNotAlways", true),
        ("CKV_K8S_15", policy != "Always" && !is_pinned),
    ]);
}

fn demands_always(is_pinned: bool, report: &Report) -> bool {
    report.options().flag("require-always") && (!is_pinned || report.options().flag("pinned"))
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

    #[test]
    fn a_stricter_school_does_not_trust_digests_or_defaults() {
        let trial = |options| Trial::with(&RULE, options);
        let pinned = format!("{{name: a, image: 'nginx@{DIGEST}'}}");
        assert_eq!(trial(r#"{"require-always": true, "pinned": true}"#).manifest(&pod(&pinned)), ["a"]);
        assert_eq!(trial(r#"{"pinned": true}"#).manifest(&pod(&pinned)), [""; 0]);
        let explicit = trial(r#"{"explicit": true}"#);
        assert_eq!(explicit.manifest(&pod("{name: a, image: nginx}")), ["a"]);
        assert_eq!(explicit.manifest(&pod("{name: a, image: nginx, imagePullPolicy: Always}")), [""; 0]);
    }

    #[test]
    fn a_policy_may_be_forbidden() {
        let trial = Trial::with(&RULE, r#"{"forbidden": ["Never"]}"#);
        assert_eq!(trial.manifest(&pod("{name: a, image: 'a:1', imagePullPolicy: Never}")), ["Never"]);
        assert_eq!(trial.manifest(&pod("{name: a, image: 'a:1', imagePullPolicy: IfNotPresent}")), [""; 0]);
    }
}
