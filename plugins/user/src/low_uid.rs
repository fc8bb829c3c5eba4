use hullmark_sdk::prelude::*;

use crate::low_ids::{self, judge};

rule! {
    /// The container runs as a user whose number is likely to exist on the node as well.
    ///
    /// ## What it checks
    ///
    /// `runAsUser` of every container, taken from the pod where the container has none itself: a number above 0 and below the
    /// option `minimum`. Pods with their own user namespace (`hostUsers: false`) are passed over; so is root, which is
    /// `user/run-as-root`. The rule is off unless it is selected, since most images bring a user with a low number.
    ///
    /// ## Why it matters
    ///
    /// Numbers of users mean the same in a container as on the node. A process that gets out of the container, or a volume of the
    /// host, has the rights of whoever has that number there; low numbers belong to services and to people.
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
    ///     runAsUser: 1000
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
    ///     runAsUser: 10001
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Choose a `runAsUser` of 10000 or more, or give the pod its own user namespace with `hostUsers: false`.
    ///
    /// ## Options
    ///
    /// - `minimum` (default `10000`): the lowest number that is accepted.
    /// - `missing` (default `false`): also report containers for which no user is set.
    /// - `root` (default `false`): also report the user 0, which is `user/run-as-root`.
    ///
    /// ## Other tools
    ///
    /// kube-score, Trivy and Checkov also report root and a missing `runAsUser`, and kube-score the group (`user/low-gid`). A missing
    /// user is the image's own, of which a manifest says nothing. Trivy reports 10000 itself. Only Checkov knows user namespaces.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Note,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("2.0"),
    aliases: &["container-security-context-user-group-id", "KSV-0020", "CKV_K8S_40"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    fragments: true,
    options: low_ids::OPTIONS,
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    judge(pod, report, ("runAsUser", "user"), aliases);
}

fn aliases(uid: Option<i64>, role: Role) -> Vec<&'static str> {
    let mut aliases = Vec::new();
    if role == Role::Ephemeral {
        return aliases;
    }
    if uid.is_none_or(|uid| uid < 10_000) {
        aliases.push("container-security-context-user-group-id");
        if role == Role::Main {
            aliases.push("CKV_K8S_40");
        }
    }
    if uid.is_none_or(|uid| uid <= 10_000) {
        aliases.push("KSV-0020");
    }
    aliases
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers: [{{name: a, image: a}}, {{name: b, image: a}}]\n  {spec}\n"
        )
    }

    #[test]
    fn root_high_and_missing_users_are_passed_over() {
        assert_eq!(manifest(&RULE, &pod("securityContext: {runAsUser: 0}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("securityContext: {runAsUser: 10000}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("securityContext: {runAsUser: '1'}")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("securityContext: {}")), [""; 0]);
    }

    #[test]
    fn a_user_namespace_moves_the_numbers() {
        assert_eq!(manifest(&RULE, &pod("hostUsers: false\n  securityContext: {runAsUser: 1}")), [""; 0]);
    }

    #[test]
    fn a_low_user_of_the_pod_is_reported_once() {
        assert_eq!(manifest(&RULE, &pod("securityContext: {runAsUser: 9999}")), ["9999"]);
    }

    #[test]
    fn the_minimum_can_be_set() {
        let strict = Trial::with(&RULE, r#"{"minimum": 100000}"#);
        assert_eq!(strict.manifest(&pod("securityContext: {runAsUser: 10000}")), ["10000"]);
    }

    #[test]
    fn missing_users_and_root_are_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"missing": true, "root": true}"#);
        assert_eq!(trial.manifest(&pod("securityContext: {runAsGroup: 1}")), ["a", "b"]);
        assert_eq!(trial.manifest(&pod("securityContext: {runAsUser: 0}")), ["0"]);
    }
}
