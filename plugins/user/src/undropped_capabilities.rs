use hullmark_sdk::prelude::*;

use crate::context::{capability, is_privileged, linux_containers};
use crate::insertion::insertion;

rule! {
    /// The container keeps the capabilities that the runtime gives to everyone.
    ///
    /// ## What it checks
    ///
    /// `securityContext.capabilities.drop` of every container of a pod that does not run on Windows: it must hold `ALL`. Privileged
    /// containers are passed over, since they have every capability whatever they drop; the option `privileged` asks them too.
    ///
    /// ## Why it matters
    ///
    /// Runtimes start containers with about a dozen capabilities, among them to forge packets (`NET_RAW`), to take any user's
    /// identity (`SETUID`) and to override permissions of files (`DAC_OVERRIDE`). Hardly any service needs one.
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
    ///       image: nginx:1.29.1
    ///       securityContext:
    ///         capabilities:
    ///           drop: [NET_RAW]
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
    ///       securityContext:
    ///         capabilities:
    ///           drop: [ALL]
    ///           add: [NET_BIND_SERVICE]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Drop `ALL` in the container's `securityContext.capabilities`, and add back what it needs.
    ///
    /// ## Options
    ///
    /// - `exact` (default `false`): accept `ALL` in capitals only, as Pod Security admission does.
    /// - `privileged` (default `false`): also look at privileged containers.
    ///
    /// ## Other tools
    ///
    /// `all` is accepted too: containerd and CRI-O read it in any case, although the Pod Security Standard "restricted" wants
    /// capitals. All of the tools look at privileged containers too. kube-linter asks for `NET_RAW` only, and only where `capabilities` is written; Checkov takes every text that
    /// contains `ALL`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    level: Warning,
    tags: &["security", "pod-security-restricted", "external/cwe/cwe-250"],
    security_severity: Some("5.0"),
    aliases: &[
        "insecureCapabilities", "KSV-0003", "KSV-0106", "KSV-0004", "CKV_K8S_37", "CKV_K8S_28", "drop-net-raw-capability",
    ],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    ],
    options: &[
        OptionSpec::flag("exact", false, "accept `ALL` in capitals only"),
        OptionSpec::flag("privileged", false, "also look at privileged containers"),
    ],
    checks: &[Pod(pod)],
}

/// Where the list of dropped capabilities stands in a container.
const DROP: [&str; 3] = ["securityContext", "capabilities", "drop"];

fn pod(pod: &Pod, report: &mut Report) {
    let exact = report.options().flag("exact");
    let privileged = report.options().flag("privileged");
    for container in linux_containers(pod).filter(|container| privileged || !is_privileged(container)) {
        let drops_all = if exact { dropped(&container).any(|name| name == "ALL") } else { drops(&container, "ALL") };
        if is_readable(&container) && !drops_all {
            keeps(&container, report);
        }
    }
}

fn keeps(container: &Container, report: &mut Report) {
    let message = format!("{} does not drop all capabilities", container.title());
    let finding = report.finding(container.anchor(&DROP), message);
    finding.aliases(&aliases(container));
    let context = container.get("securityContext");
    let capabilities = container.at(&["securityContext", "capabilities"]);
    let fix = match (container.at(&DROP), capabilities, context) {
        (Some(_), ..) => None,
        (None, Some(capabilities), _) => insertion("drop all capabilities", capabilities, &["drop:", "  - ALL"]),
        (None, None, Some(context)) => {
            insertion("drop all capabilities", context, &["capabilities:", "  drop:", "    - ALL"])
        }
        (None, None, None) => None,
    };
    if let Some(fix) = fix {
        finding.fix(fix);
    }
}

fn aliases(container: &Container) -> Vec<&'static str> {
    let mut aliases = Vec::new();
    // No tool minds how `ALL` is written.
    if drops(container, "ALL") {
        return aliases;
    }
    if container.role() != Role::Ephemeral {
        aliases.extend(["insecureCapabilities", "KSV-0003", "KSV-0106", "CKV_K8S_37"]);
        if container.at(&DROP).is_none() {
            aliases.push("KSV-0004");
        }
        if !drops(container, "NET_RAW") {
            aliases.push("CKV_K8S_28");
        }
    }
    // kube-linter looks only where `capabilities` is written.
    if container.at(&["securityContext", "capabilities"]).is_some() && !drops(container, "NET_RAW") {
        aliases.push("drop-net-raw-capability");
    }
    aliases
}

fn drops(container: &Container, name: &str) -> bool {
    dropped(container).any(|item| capability(item) == name)
}

/// What is dropped, as it is written.
fn dropped<'a>(container: &Container<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    container.at(&DROP).into_iter().flat_map(Node::items).filter_map(Node::text)
}

/// Whether what is there has the types it should have.
fn is_readable(container: &Container) -> bool {
    let capabilities = container.at(&["securityContext", "capabilities"]);
    capabilities.is_none_or(|node| node.kind() == Kind::Mapping)
        && container.at(&DROP).is_none_or(|node| node.kind() == Kind::Sequence)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(context: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - {{name: a, image: a, securityContext: {{{context}}}}}\n"
            ),
        )
    }

    #[test]
    fn all_may_stand_anywhere_in_any_case() {
        assert_eq!(flagged("capabilities: {drop: [ALL]}"), [""; 0]);
        assert_eq!(flagged("capabilities: {drop: [NET_RAW, all]}"), [""; 0]);
        assert_eq!(flagged("capabilities: {drop: [ALL], add: [CHOWN]}"), [""; 0]);
    }

    #[test]
    fn privileged_containers_and_other_types_are_passed_over() {
        assert_eq!(flagged("privileged: true"), [""; 0]);
        assert_eq!(flagged("capabilities: {drop: ALL}"), [""; 0]);
        assert_eq!(flagged("capabilities: [ALL]"), [""; 0]);
    }

    #[test]
    fn the_key_that_should_hold_it_is_flagged() {
        assert_eq!(flagged("capabilities: {drop: [FALLTHROUGH]}"), ["drop"]);
        assert_eq!(flagged("capabilities: {drop: }"), ["drop"]);
        assert_eq!(flagged("capabilities: {add: [ALL]}"), ["capabilities"]);
        assert_eq!(flagged("runAsUser: 1"), ["securityContext"]);
    }

    #[test]
    fn the_fix_drops_all() {
        let start = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      securityContext:\n";
        let trial = Trial::of(&RULE);
        for context in ["        runAsUser: 1\n", "        capabilities:\n          add: [CHOWN]\n"] {
            let fixed = trial.fixed("p.yaml", &format!("{start}{context}"));
            assert_eq!(trial.manifest(&fixed), [""; 0], "{fixed}");
        }
        let dropped = format!("{start}        capabilities:\n          drop: [CHOWN]\n");
        assert_eq!(trial.fixed("p.yaml", &dropped), dropped, "an existing list is left to its owner");
    }

    #[test]
    fn one_may_ask_for_capitals_and_of_privileged_containers() {
        let pod = |context: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - {{name: a, securityContext: {{{context}}}}}\n"
            )
        };
        let exact = Trial::with(&RULE, r#"{"exact": true}"#);
        assert_eq!(exact.manifest(&pod("capabilities: {drop: [all]}")), ["drop"]);
        assert_eq!(exact.manifest(&pod("capabilities: {drop: [ALL]}")), [""; 0]);
        let privileged = Trial::with(&RULE, r#"{"privileged": true}"#);
        assert_eq!(privileged.manifest(&pod("privileged: true")), ["securityContext"]);
    }
}
