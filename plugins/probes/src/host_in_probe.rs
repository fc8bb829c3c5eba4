use hullmark_sdk::prelude::*;

rule! {
    /// A probe or a hook asks another host than its own pod.
    ///
    /// ## What it checks
    ///
    /// `host` of `httpGet` and `tcpSocket` in the probes and lifecycle hooks of every container. The loopback address is passed
    /// over unless the option `loopback` is set: a program in a pod with `hostNetwork: true` may listen nowhere else.
    ///
    /// ## Why it matters
    ///
    /// The kubelet of the node makes the request. A host of the author's choice turns it into a way to reach services that only
    /// nodes can reach, and the probe says nothing about the container that it belongs to. Pod Security admission refuses it at the
    /// levels Baseline and Restricted since 1.34.
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
    ///       livenessProbe:
    ///         httpGet:
    ///           host: db.example
    ///           port: 80
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
    ///       livenessProbe:
    ///         httpGet:
    ///           port: 80
    ///           httpHeaders:
    ///             - name: Host
    ///               value: shop.example
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove `host`, which is the pod's own address by itself. A virtual host is named by the header `Host`.
    ///
    /// ## Options
    ///
    /// - `loopback` (default `false`): also report the loopback address, as Pod Security admission does.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>
    level: Warning,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-918"],
    security_severity: Some("5.0"),
    precision: High,
    references: &["https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline"],
    fragments: true,
    options: &[OptionSpec::flag("loopback", false, "also report the loopback address")],
    checks: &[Container(container)],
}

/// Where actions stand in a container, with what they are.
const ACTIONS: [(&[&str], &str); 5] = [
    (&["livenessProbe"], "liveness probe"),
    (&["readinessProbe"], "readiness probe"),
    (&["startupProbe"], "startup probe"),
    (&["lifecycle", "postStart"], "hook `postStart`"),
    (&["lifecycle", "preStop"], "hook `preStop`"),
];

fn container(container: &Container, report: &mut Report) {
    for (path, what) in ACTIONS {
        let Some(action) = container.at(path) else { continue };
        for kind in ["httpGet", "tcpSocket"] {
            let Some(node) = action.at(&[kind, "host"]) else { continue };
            let Some(host) = node.text().filter(|host| !host.is_empty()) else { continue };
            if is_loopback(host) && !report.options().flag("loopback") {
                continue;
            }
            report.finding(node, format!("the {what} of {} asks the host `{host}`", container.title()));
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(action: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: a, {action}}}]}}\n")
    }

    #[test]
    fn the_pod_itself_is_accepted() {
        for action in [
            "livenessProbe: {httpGet: {port: 80}}",
            "livenessProbe: {httpGet: {port: 80, host: ''}}",
            "readinessProbe: {tcpSocket: {port: 80, host: 127.0.0.1}}",
            "startupProbe: {exec: {command: [ping, db.example]}}",
            "lifecycle: {host: db.example}",
        ] {
            assert_eq!(manifest(&RULE, &pod(action)), [""; 0], "{action}");
        }
    }

    #[test]
    fn other_hosts_are_flagged_in_probes_and_hooks() {
        for action in [
            "livenessProbe: {httpGet: {port: 80, host: db.example}}",
            "startupProbe: {tcpSocket: {port: 80, host: db.example}}",
            "lifecycle: {preStop: {httpGet: {port: 80, host: db.example}}}",
        ] {
            assert_eq!(manifest(&RULE, &pod(action)), ["db.example"], "{action}");
        }
    }

    #[test]
    fn the_loopback_address_is_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"loopback": true}"#);
        assert_eq!(trial.manifest(&pod("livenessProbe: {httpGet: {port: 80, host: localhost}}")), ["localhost"]);
    }
}
