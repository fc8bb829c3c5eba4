use hullmark_sdk::prelude::*;

use crate::context::{capability, linux_containers};

rule! {
    /// The container adds a capability beyond those that are harmless.
    ///
    /// ## What it checks
    ///
    /// Each entry of `securityContext.capabilities.add` of every container of a pod that does not run on Windows, against the
    /// option `allowed`. Case and the prefix `CAP_` do not matter, unless the option `exact` is set.
    ///
    /// ## Why it matters
    ///
    /// Each capability is a piece of root. Some of them, such as `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE` or `ALL`, amount to all of
    /// it; the message names those.
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
    ///           add: [SYS_ADMIN, CHOWN]
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
    /// Remove the capability, or allow it through the option `allowed` where the container cannot do without it.
    ///
    /// ## Options
    ///
    /// - `allowed` (default: `NET_BIND_SERVICE`): capabilities that may be added.
    /// - `exact` (default `false`): compare names letter by letter, as Pod Security admission does.
    ///
    /// ## Other tools
    ///
    /// The default is that of the Pod Security Standard "restricted". Trivy and Checkov report `NET_BIND_SERVICE` too, which only
    /// lets a process listen on a port below 1024; with an empty list this rule does the same. They know the dangerous ones in
    /// capitals and without `CAP_` only, although CRI-O takes both.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    level: Warning,
    tags: &["security", "pod-security-restricted", "external/cwe/cwe-250"],
    security_severity: Some("6.5"),
    aliases: &[
        "KSV-0022", "KSV-0106", "CKV_K8S_25", "KSV-0005", "CKV_K8S_39", "KSV-0119", "KSV-0120", "dangerousCapabilities",
        "privilege-escalation-container", "drop-net-raw-capability",
    ],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    ],
    fragments: true,
    options: &[
        OptionSpec::texts("allowed", &["NET_BIND_SERVICE"], "capabilities that may be added"),
        OptionSpec::flag("exact", false, "compare names letter by letter"),
    ],
    checks: &[Pod(pod)],
}

/// What a capability lets a process do to the node, for those that amount to root or to the network of others.
fn danger(name: &str) -> Option<&'static str> {
    Some(match name {
        "ALL" => "every capability there is",
        "SYS_ADMIN" => "which is as good as root",
        "SYS_MODULE" => "which loads code into the kernel",
        "SYS_PTRACE" => "which reads and changes other processes",
        "SYS_RAWIO" => "which reaches memory and devices directly",
        "SYS_BOOT" => "which restarts the node",
        "SYS_TIME" => "which sets the node's clock",
        "BPF" => "which loads programs into the kernel",
        "PERFMON" => "which watches the whole node",
        "MAC_ADMIN" | "MAC_OVERRIDE" => "which turns mandatory access control off",
        "DAC_READ_SEARCH" => "which reads every file it can name",
        "NET_ADMIN" => "which changes networks and firewalls",
        "NET_RAW" => "which forges packets",
        _ => return None,
    })
}

fn pod(pod: &Pod, report: &mut Report) {
    for container in linux_containers(pod) {
        let added = container.at(&["securityContext", "capabilities", "add"]);
        for entry in added.into_iter().flat_map(Node::items) {
            judge(&container, entry, report);
        }
    }
}

fn judge(container: &Container, entry: Node, report: &mut Report) {
    let Some(written) = entry.text() else { return };
    let name = capability(written);
    let exact = report.options().flag("exact");
    let is_allowed = |allowed: &str| if exact { allowed == written } else { capability(allowed) == name };
    if report.options().texts("allowed").any(is_allowed) {
        return;
    }
    let mut message = format!("{} adds the capability `{written}`", container.title());
    if let Some(danger) = danger(&name) {
        message.push_str(", ");
        message.push_str(danger);
    }
    report.finding(entry, message).aliases(&aliases(container, written));
}

fn aliases(container: &Container, written: &str) -> Vec<&'static str> {
    let mut aliases = Vec::new();
    let upper = written.to_ascii_uppercase();
    if written == "SYS_ADMIN" {
        aliases.push("privilege-escalation-container");
    }
    if written == "NET_RAW" || upper == "ALL" {
        aliases.push("drop-net-raw-capability");
    }
    if container.role() == Role::Ephemeral {
        return aliases;
    }
    aliases.extend(["KSV-0022", "CKV_K8S_25"]);
    // Trivy looks at what is added only once everything has been dropped.
    let dropped = container.at(&["securityContext", "capabilities", "drop"]).into_iter().flat_map(Node::items);
    if written != "NET_BIND_SERVICE" && dropped.filter_map(Node::text).any(|item| item.eq_ignore_ascii_case("ALL")) {
        aliases.push("KSV-0106");
    }
    if ["ALL", "SYS_ADMIN", "NET_ADMIN"].contains(&upper.as_str()) {
        aliases.push("dangerousCapabilities");
    }
    match written {
        "SYS_ADMIN" => aliases.extend(["KSV-0005", "CKV_K8S_39"]),
        "NET_RAW" => aliases.push("KSV-0119"),
        "SYS_MODULE" => aliases.push("KSV-0120"),
        _ => {}
    }
    aliases
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(added: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - {{name: a, image: a, securityContext: {{capabilities: {{add: {added}}}}}}}\n"
        )
    }

    #[test]
    fn binding_a_low_port_is_harmless() {
        assert_eq!(manifest(&RULE, &pod("[NET_BIND_SERVICE, CAP_NET_BIND_SERVICE, net_bind_service]")), [""; 0]);
    }

    #[test]
    fn other_types_are_passed_over() {
        assert_eq!(manifest(&RULE, &pod("SYS_ADMIN")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("[1, [ALL], {a: b}, ]")), [""; 0]);
    }

    #[test]
    fn every_entry_is_flagged_for_itself() {
        assert_eq!(manifest(&RULE, &pod("[CHOWN, NET_BIND_SERVICE, all]")), ["CHOWN", "all"]);
    }

    #[test]
    fn the_list_can_be_set() {
        let none = Trial::with(&RULE, r#"{"allowed": []}"#);
        assert_eq!(none.manifest(&pod("[NET_BIND_SERVICE]")), ["NET_BIND_SERVICE"]);
        let chown = Trial::with(&RULE, r#"{"allowed": ["CAP_CHOWN"]}"#);
        assert_eq!(chown.manifest(&pod("[CHOWN]")), [""; 0]);
    }

    #[test]
    fn names_may_be_compared_by_letter() {
        let exact = Trial::with(&RULE, r#"{"exact": true}"#);
        assert_eq!(exact.manifest(&pod("[NET_BIND_SERVICE, net_bind_service]")), ["net_bind_service"]);
    }

    #[test]
    fn the_message_names_the_danger() {
        let found = Trial::of(&RULE).found(&[("pod.yaml", &pod("[CAP_SYS_ADMIN]"))]);
        assert_eq!(
            found[0].finding.message(),
            "container `a` adds the capability `CAP_SYS_ADMIN`, which is as good as root"
        );
    }
}
