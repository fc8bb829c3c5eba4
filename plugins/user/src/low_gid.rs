use hullmark_sdk::prelude::*;

use crate::low_ids::{self, judge};

rule! {
    /// The container runs as a group whose number is likely to exist on the node as well.
    ///
    /// ## What it checks
    ///
    /// `runAsGroup` of every container, taken from the pod where the container has none itself: a number above 0 and below the
    /// option `minimum`. Pods with their own user namespace (`hostUsers: false`) are passed over, and so are pods of Windows. The
    /// rule is off unless it is selected, since most images bring a group with a low number.
    ///
    /// ## Why it matters
    ///
    /// Numbers of groups mean the same in a container as on the node. A process that gets out of the container, or a volume of the
    /// host, has the rights of the group that has that number there.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsGroup: 1000
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
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
    ///   securityContext:
    ///     runAsGroup: 10001
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Choose a `runAsGroup` of 10000 or more, or give the pod its own user namespace with `hostUsers: false`.
    ///
    /// ## Options
    ///
    /// - `minimum` (default `10000`): the lowest number that is accepted.
    /// - `missing` (default `false`): also report containers for which no group is set.
    /// - `root` (default `false`): also report the group 0, which is `user/root-group`.
    ///
    /// ## Other tools
    ///
    /// kube-score and Trivy also report a missing `runAsGroup` and the group 0. Trivy reports 10000 itself. Neither of them knows
    /// user namespaces.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Note,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("2.0"),
    aliases: &["container-security-context-user-group-id", "KSV-0021"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    fragments: true,
    options: low_ids::OPTIONS,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    judge(pod, report, ("runAsGroup", "group"), aliases);
}

fn aliases(gid: Option<i64>, role: Role) -> Vec<&'static str> {
    let mut aliases = Vec::new();
    if role == Role::Ephemeral {
        return aliases;
    }
    if gid.is_none_or(|gid| gid < 10_000) {
        aliases.push("container-security-context-user-group-id");
    }
    if gid.is_none_or(|gid| gid <= 10_000) {
        aliases.push("KSV-0021");
    }
    aliases
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(context: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers: [{{name: a, image: a}}]\n  securityContext: {{{context}}}\n"
        )
    }

    #[test]
    fn high_and_missing_groups_and_root_are_passed_over() {
        for context in ["runAsGroup: 10000", "runAsGroup: 0", "runAsUser: 1", "runAsGroup: '1'"] {
            assert_eq!(manifest(&RULE, &pod(context)), [""; 0], "{context}");
        }
    }

    #[test]
    fn a_low_group_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("runAsGroup: 9999")), ["9999"]);
    }

    #[test]
    fn missing_groups_and_root_are_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"missing": true, "root": true}"#);
        assert_eq!(trial.manifest(&pod("runAsUser: 1")), ["a"]);
        assert_eq!(trial.manifest(&pod("runAsGroup: 0")), ["0"]);
    }
}
