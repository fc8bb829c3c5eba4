use hullmark_sdk::prelude::*;

rule! {
    /// A PodSecurityPolicy lets pods have what makes them root on their node.
    ///
    /// ## What it checks
    ///
    /// PodSecurityPolicies that allow privileged containers, the node's namespaces, privilege escalation, further capabilities or
    /// users that may be root, and those that drop no capability or apply no seccomp profile. The rule is off unless it is
    /// selected: Kubernetes 1.25 removed the kind, and `api/removed-version` says so.
    ///
    /// ## Why it matters
    ///
    /// On a cluster that still reads it, the policy decides what every pod of its users may be. What it lets through is as if each
    /// of them had it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: policy/v1beta1
    /// kind: PodSecurityPolicy
    /// metadata:
    ///   name: open
    /// spec:
    ///   privileged: true
    ///   allowPrivilegeEscalation: false
    ///   requiredDropCapabilities: [ALL]
    ///   runAsUser:
    ///     rule: RunAsAny
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: policy/v1beta1
    /// kind: PodSecurityPolicy
    /// metadata:
    ///   name: restricted
    ///   annotations:
    ///     seccomp.security.alpha.kubernetes.io/defaultProfileName: runtime/default
    /// spec:
    ///   privileged: false
    ///   allowPrivilegeEscalation: false
    ///   requiredDropCapabilities: [ALL]
    ///   runAsUser:
    ///     rule: MustRunAsNonRoot
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the policy as in the example, or label namespaces for Pod Security admission, which took the kind's place.
    ///
    /// ## Other tools
    ///
    /// Checkov accepts a policy that does not say `allowPrivilegeEscalation`, which means `true`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/psp-to-pod-security-standards/>
    level: Warning,
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("7.0"),
    aliases: &[
        "CKV_K8S_1", "CKV_K8S_2", "CKV_K8S_3", "CKV_K8S_4", "CKV_K8S_5", "CKV_K8S_6", "CKV_K8S_7", "CKV_K8S_24", "CKV_K8S_32",
        "CKV_K8S_36",
    ],
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/psp-to-pod-security-standards/"],
    checks: &[Object(&["PodSecurityPolicy"], policy)],
}

/// Fields that must not be true, with what they let pods do.
const GRANTS: [(&str, &str, &str); 5] = [
    ("privileged", "be privileged", "CKV_K8S_2"),
    ("hostPID", "see the processes of their node", "CKV_K8S_1"),
    ("hostIPC", "share memory with their node", "CKV_K8S_3"),
    ("hostNetwork", "use the network of their node", "CKV_K8S_4"),
    ("allowPrivilegeEscalation", "gain privileges", "CKV_K8S_5"),
];

const SECCOMP: &str = "seccomp.security.alpha.kubernetes.io/defaultProfileName";

fn policy(object: &Object, report: &mut Report) {
    let title = object.title();
    let spec = |field: &str| object.at(&["spec", field]);
    for (field, what, alias) in GRANTS {
        if let Some(granted) = spec(field).filter(|granted| granted.boolean() == Some(true)) {
            report.finding(granted, format!("{title} lets pods {what} (`{field}: true`)")).aliases(&[alias]);
        }
    }
    if spec("allowPrivilegeEscalation").is_none() {
        let message = format!("{title} does not forbid privilege escalation");
        report.finding(object.anchor(&["spec", "allowPrivilegeEscalation"]), message).aliases(&[]);
    }
    for capability in spec("allowedCapabilities").into_iter().flat_map(Node::items) {
        let name = capability.text().unwrap_or_default();
        report.finding(capability, format!("{title} lets pods add the capability `{name}`")).aliases(&["CKV_K8S_24"]);
    }
    dropped(object, report);
    users(object, report);
    let profile = object.at(&["metadata", "annotations", SECCOMP]).and_then(Node::text).unwrap_or_default();
    if !["docker/default", "runtime/default"].iter().any(|known| profile.contains(known)) {
        let place = object.anchor(&["metadata", "annotations", SECCOMP]);
        report.finding(place, format!("{title} gives pods no seccomp profile")).aliases(&["CKV_K8S_32"]);
    }
}

fn dropped(object: &Object, report: &mut Report) {
    let path = ["spec", "requiredDropCapabilities"];
    let dropped = object.at(&path).into_iter().flat_map(Node::items);
    let names: Vec<&str> = dropped.filter_map(Node::text).collect();
    if names.contains(&"ALL") {
        return;
    }
    let message = format!("{} does not make pods drop all capabilities", object.title());
    let finding = report.finding(object.anchor(&path), message);
    finding.aliases_if(&[("CKV_K8S_7", !names.contains(&"NET_RAW")), ("CKV_K8S_36", names.is_empty())]);
}

/// Whether pods may run as root: under any rule but two, and within ranges that begin at 0.
fn users(object: &Object, report: &mut Report) {
    let message = format!("{} lets pods run as root", object.title());
    let rule = object.at(&["spec", "runAsUser", "rule"]);
    match rule.and_then(Node::text) {
        Some("MustRunAsNonRoot") => {}
        Some("MustRunAs") => {
            let ranges = object.at(&["spec", "runAsUser", "ranges"]).into_iter().flat_map(Node::items);
            let minimums = ranges.filter_map(|range| range.get("min"));
            for minimum in minimums.filter(|minimum| minimum.integer() == Some(0)) {
                report.finding(minimum, message.clone()).aliases(&["CKV_K8S_6"]);
            }
        }
        _ => {
            let place = rule.map_or_else(|| object.anchor(&["spec", "runAsUser", "rule"]), Node::place);
            report.finding(place, message).aliases(&["CKV_K8S_6"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn policy(annotations: &str, spec: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {{name: p, annotations: {{{annotations}}}}}\nspec: {{{spec}}}\n"
            ),
        )
    }

    const PROFILE: &str = "seccomp.security.alpha.kubernetes.io/defaultProfileName: runtime/default";
    const STRICT: &str = "allowPrivilegeEscalation: false, requiredDropCapabilities: [ALL]";

    #[test]
    fn a_restricted_policy_is_accepted() {
        assert_eq!(policy(PROFILE, &format!("{STRICT}, runAsUser: {{rule: MustRunAsNonRoot}}")), [""; 0]);
        let ranges = format!("{STRICT}, hostPID: false, runAsUser: {{rule: MustRunAs, ranges: [{{min: 1, max: 9}}]}}");
        assert_eq!(policy(PROFILE, &ranges), [""; 0]);
    }

    #[test]
    fn what_is_granted_is_flagged_where_it_is_written() {
        let user = "runAsUser: {rule: MustRunAsNonRoot}";
        assert_eq!(policy(PROFILE, &format!("{STRICT}, {user}, privileged: true, hostIPC: yes")), ["true", "yes"]);
        assert_eq!(policy(PROFILE, &format!("{STRICT}, {user}, allowedCapabilities: ['*', CHOWN]")), ["'*'", "CHOWN"]);
    }

    #[test]
    fn root_is_flagged_at_its_rule_or_range() {
        assert_eq!(policy(PROFILE, &format!("{STRICT}, runAsUser: {{rule: RunAsAny}}")), ["RunAsAny"]);
        assert_eq!(policy(PROFILE, STRICT), ["spec"]);
        let ranges = "runAsUser: {rule: MustRunAs, ranges: [{min: 5, max: 9}, {min: 0, max: 3}]}";
        assert_eq!(policy(PROFILE, &format!("{STRICT}, {ranges}")), ["0"]);
    }

    #[test]
    fn what_is_missing_is_flagged_where_it_belongs() {
        let spec = "runAsUser: {rule: MustRunAsNonRoot}, requiredDropCapabilities: [NET_RAW]";
        assert_eq!(policy("", spec), ["spec", "requiredDropCapabilities", "annotations"]);
    }
}
