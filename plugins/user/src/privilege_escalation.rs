use hullmark_sdk::prelude::*;

use crate::context::{is_privileged, linux_containers};
use crate::insertion::{insertion, replacement};

rule! {
    /// A process of the container may gain more rights than its parent.
    ///
    /// ## What it checks
    ///
    /// `allowPrivilegeEscalation` of every container of a pod that does not run on Windows: it must be written as `false`, since
    /// it is `true` otherwise. In a privileged container it is always true, and `false` is refused by the API server there, as it
    /// is beside the capability `CAP_SYS_ADMIN` by that name.
    ///
    /// ## Why it matters
    ///
    /// The field decides whether the kernel honours set-user-ID programs and file capabilities. With `false` a forgotten `sudo`,
    /// `ping` or `mount` in the image cannot make root of another user.
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
    ///         allowPrivilegeEscalation: true
    ///     - name: log
    ///       image: log:1.0
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
    ///         allowPrivilegeEscalation: false
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `allowPrivilegeEscalation: false` in the container's `securityContext`.
    ///
    /// ## Options
    ///
    /// - `explicit-only` (default `false`): report only what is written, as `true` or through `privileged: true`, not what is missing.
    ///
    /// ## Other tools
    ///
    /// kube-linter reports only what is written (`explicit-only`), and takes every added `SYS_ADMIN` for it, which is
    /// `user/added-capabilities` here: with `false` the kernel still refuses new rights. Trivy, Checkov and polaris want `false`
    /// written, also in privileged containers, where the API server refuses it; here the finding then stands at `privileged`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    level: Warning,
    tags: &["security", "pod-security-restricted", "external/cwe/cwe-250"],
    security_severity: Some("5.5"),
    aliases: &["privilege-escalation-container", "privilegeEscalationAllowed", "KSV-0001", "CKV_K8S_20"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    ],
    fragments: true,
    options: &[OptionSpec::flag("explicit-only", false, "report only what is written, not what is missing")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    for container in linux_containers(pod) {
        match container.at(&["securityContext", "allowPrivilegeEscalation"]) {
            Some(written) => match written.boolean() {
                Some(true) => allowed(&container, written, report),
                Some(false) => contradiction(&container, written, report),
                None => {}
            },
            None => missing(&container, report),
        }
    }
}

fn allowed(container: &Container, written: Node, report: &mut Report) {
    let finding = report.finding(written, format!("{} allows privilege escalation", container.title()));
    if container.role() == Role::Ephemeral {
        finding.aliases(&["privilege-escalation-container"]);
    }
    // Refused in a privileged container.
    if let Some(fix) =
        replacement("forbid privilege escalation", written, "false").filter(|_| !is_privileged(container))
    {
        finding.fix(fix);
    }
}

fn contradiction(container: &Container, written: Node, report: &mut Report) {
    let cause = if is_privileged(container) {
        container.at(&["securityContext", "privileged"]).map(|node| (node, "is privileged"))
    } else {
        // The API server looks for this very spelling.
        let added = container.at(&["securityContext", "capabilities", "add"]).into_iter().flat_map(Node::items);
        added.filter(|item| item.text() == Some("CAP_SYS_ADMIN")).map(|node| (node, "adds `CAP_SYS_ADMIN`")).next()
    };
    let Some((cause, why)) = cause else { return };
    let title = container.title();
    let message = format!("{title} {why}, beside which the API server refuses `allowPrivilegeEscalation: false`");
    report.finding(written, message).related(cause, "what contradicts it").aliases(&["privilege-escalation-container"]);
}

fn missing(container: &Container, report: &mut Report) {
    let title = container.title();
    if let Some(privileged) = container.at(&["securityContext", "privileged"]).filter(|_| is_privileged(container)) {
        let message = format!("{title} is privileged, which allows privilege escalation");
        let finding = report.finding(privileged, message);
        if container.role() == Role::Ephemeral {
            finding.aliases(&["privilege-escalation-container"]);
        }
        return;
    }
    // A patch leaves the field to the object that it patches.
    if report.options().flag("explicit-only") || container.document().is_fragment() {
        return;
    }
    let message = format!("{title} does not forbid privilege escalation");
    let finding = report.finding(container.anchor(&["securityContext", "allowPrivilegeEscalation"]), message);
    finding.aliases(match container.role() {
        Role::Ephemeral => &[],
        _ => &["privilegeEscalationAllowed", "KSV-0001", "CKV_K8S_20"],
    });
    let context = container.get("securityContext");
    let lines = ["allowPrivilegeEscalation: false"];
    if let Some(fix) = context.and_then(|context| insertion("forbid privilege escalation", context, &lines)) {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(os: &str, context: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  os: {{name: {os}}}\n  containers:\n    - {{name: a, image: a, securityContext: {{{context}}}}}\n"
        )
    }

    fn flagged(context: &str) -> Vec<String> {
        manifest(&RULE, &pod("linux", context))
    }

    #[test]
    fn false_is_all_it_takes() {
        assert_eq!(flagged("allowPrivilegeEscalation: false"), [""; 0]);
        assert_eq!(flagged("allowPrivilegeEscalation: false, privileged: false"), [""; 0]);
        assert_eq!(flagged("allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}"), [""; 0]);
    }

    #[test]
    fn other_types_and_windows_are_passed_over() {
        assert_eq!(flagged("allowPrivilegeEscalation: 'true'"), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("windows", "")), [""; 0]);
    }

    #[test]
    fn nothing_said_means_allowed() {
        assert_eq!(flagged("runAsUser: 1"), ["securityContext"]);
        assert_eq!(flagged("allowPrivilegeEscalation: "), ["allowPrivilegeEscalation"]);
    }

    #[test]
    fn what_is_written_is_flagged_where_it_is_written() {
        assert_eq!(flagged("allowPrivilegeEscalation: true"), ["true"]);
        assert_eq!(flagged("privileged: true"), ["true"]);
    }

    #[test]
    fn what_the_api_server_refuses_is_flagged() {
        assert_eq!(flagged("allowPrivilegeEscalation: false, privileged: true"), ["false"]);
        assert_eq!(flagged("allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}"), ["false"]);
    }

    #[test]
    fn one_may_ask_for_what_is_written_only() {
        let explicit = Trial::with(&RULE, r#"{"explicit-only": true}"#);
        assert_eq!(explicit.manifest(&pod("linux", "")), [""; 0]);
        assert_eq!(explicit.manifest(&pod("linux", "privileged: true")), ["true"]);
        assert_eq!(explicit.manifest(&pod("linux", "allowPrivilegeEscalation: true")), ["true"]);
    }

    const BLOCK: &str =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      securityContext:\n";

    #[test]
    fn the_fix_writes_the_field_where_it_belongs() {
        let trial = Trial::of(&RULE);
        let fixed = trial.fixed("p.yaml", &format!("{BLOCK}        runAsUser: 1\n"));
        assert_eq!(fixed, format!("{BLOCK}        allowPrivilegeEscalation: false\n        runAsUser: 1\n"));
        let fixed = trial.fixed("p.yaml", &format!("{BLOCK}        allowPrivilegeEscalation: true\n"));
        assert_eq!(fixed, format!("{BLOCK}        allowPrivilegeEscalation: false\n"));
    }

    #[test]
    fn flow_style_is_left_alone() {
        let trial = Trial::of(&RULE);
        for context in [
            "          {runAsUser: 1}\n",
            "          {\n          runAsUser: 1}\n",
            "          { # first\n            runAsUser: 1 }\n",
        ] {
            let text = format!("{BLOCK}{context}");
            assert_eq!(trial.fixed("p.yaml", &text), text);
        }
    }

    #[test]
    fn a_fix_through_an_alias_is_offered_once() {
        let anchored = BLOCK.replace("securityContext:\n", "securityContext: &context\n        runAsUser: 1\n");
        let text = format!("{anchored}    - name: b\n      securityContext: *context\n");
        let fixed = Trial::of(&RULE).fixed("p.yaml", &text);
        assert_eq!(fixed.matches("allowPrivilegeEscalation").count(), 1, "{fixed}");
    }
}
