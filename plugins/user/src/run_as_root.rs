use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, linux_containers};

rule! {
    /// The container runs as root, or nothing keeps it from doing so.
    ///
    /// ## What it checks
    ///
    /// `runAsUser` and `runAsNonRoot` of every container, taken from the pod where the container has none itself. Accepted is a
    /// `runAsUser` above 0, or `runAsNonRoot: true` without a `runAsUser`. `runAsUser: 0` together with `runAsNonRoot: true` is
    /// reported as what it is: a container that never starts. On Windows it is `runAsUserName: ContainerAdministrator` that
    /// is reported. In pods with their own user namespace (`hostUsers: false`) root is nobody on the node, and is accepted.
    ///
    /// ## Why it matters
    ///
    /// Most images run as root unless something says otherwise. Root in a container is root on the node as soon as something
    /// lets it out: a bug of the kernel, a mounted socket, a file of the host.
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
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    ///       securityContext:
    ///         runAsUser: 0
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
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `runAsNonRoot: true` in the pod's `securityContext`, and `runAsUser` too where the image runs as root or names its user.
    ///
    /// ## Options
    ///
    /// - `require-non-root` (default `false`): ask for `runAsNonRoot: true` even beside a `runAsUser` above 0, and on Windows, and let
    ///   no pod say otherwise, even if all of its containers override it. The Pod Security Standard "restricted" does so.
    ///
    /// ## Other tools
    ///
    /// Trivy wants `runAsNonRoot: true` even beside `runAsUser: 1000`, and does not see a container that takes it back; Checkov
    /// looks at main containers only. kube-linter also reports `runAsGroup: 0`, which is `user/root-group` here. None of them knows
    /// user namespaces or Windows.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    /// - <https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/>
    level: Warning,
    tags: &["security", "pod-security-restricted", "external/cwe/cwe-250"],
    security_severity: Some("6.0"),
    precision: High,
    aliases: &["run-as-non-root", "runAsRootAllowed", "KSV-0012", "KSV-0105", "CKV_K8S_23"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/",
    ],
    fragments: true,
    options: &[OptionSpec::flag("require-non-root", false, "ask for `runAsNonRoot: true` whatever `runAsUser` is")],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let mut once = Once::default();
    if pod.is_windows() {
        for container in pod.containers() {
            windows(&container, &mut once, report);
        }
    }
    for container in linux_containers(pod) {
        linux(&container, &mut once, report);
    }
    if report.options().flag("require-non-root") && pod.get("hostUsers").and_then(Node::boolean) != Some(false) {
        overridden(pod, &mut once, report);
    }
}

/// What a pod lets its containers do, whether one takes it or not.
fn overridden(pod: &Pod, once: &mut Once, report: &mut Report) {
    let user = Setting::of_pod(pod, &["runAsUser"]).filter(|user| user.node.integer() == Some(0));
    let refusal = Setting::of_pod(pod, &["runAsNonRoot"]).filter(|promise| promise.node.boolean() == Some(false));
    for setting in user.into_iter().chain(refusal) {
        if once.is_first(setting) {
            let message = format!("{} lets its containers run as root", pod.object().title());
            report.finding(setting.node, message).aliases(&[]);
        }
    }
}

fn linux(container: &Container, once: &mut Once, report: &mut Report) {
    let user = Setting::of(container, &["runAsUser"]);
    let non_root = Setting::of(container, &["runAsNonRoot"]);
    let uid = user.and_then(|user| user.node.integer());
    let promise = non_root.and_then(|non_root| non_root.node.boolean());
    match (user, non_root) {
        (Some(user), Some(non_root)) if uid == Some(0) && promise == Some(true) => {
            contradiction(container, user, non_root, once, report);
        }
        // Root of a user namespace is an ordinary user of the node.
        _ if container.pod().get("hostUsers").and_then(Node::boolean) == Some(false) => {}
        (Some(user), _) if uid == Some(0) => explicit(container, user, promise, once, report),
        (Some(_), _) if !report.options().flag("require-non-root") => {}
        (_, Some(non_root)) if promise == Some(false) => refused(container, non_root, user.is_some(), once, report),
        (_, Some(_)) => {}
        (Some(_), None) => unpromised(container, &["KSV-0012"], report),
        (None, None) => missing(container, report),
    }
}

fn contradiction(container: &Container, user: Setting, non_root: Setting, once: &mut Once, report: &mut Report) {
    if once.is_first(user) {
        let title = user.title(container);
        let message =
            format!("{title} sets `runAsUser: 0` under `runAsNonRoot: true`, so the kubelet does not start it");
        report.finding(user.node, message).related(non_root.node, "what forbids root").aliases(&[
            "run-as-non-root",
            "runAsRootAllowed",
            "KSV-0105",
        ]);
    }
}

fn explicit(container: &Container, user: Setting, promise: Option<bool>, once: &mut Once, report: &mut Report) {
    if once.is_first(user) {
        let finding = report.finding(user.node, format!("{} runs as root (`runAsUser: 0`)", user.title(container)));
        if promise == Some(true) {
            finding.aliases(&["run-as-non-root", "runAsRootAllowed", "KSV-0105"]);
        }
    }
}

fn refused(container: &Container, non_root: Setting, has_user: bool, once: &mut Once, report: &mut Report) {
    if once.is_first(non_root) {
        let message = format!("{} may run as root: `runAsNonRoot` is `false`", non_root.title(container));
        report.finding(non_root.node, message).aliases_if(&[
            ("run-as-non-root", !has_user),
            ("runAsRootAllowed", !has_user),
            ("KSV-0012", true),
            ("CKV_K8S_23", !has_user),
        ]);
    }
}

/// A container that nothing keeps from running as root but a number, or its system.
fn unpromised(container: &Container, aliases: &[&'static str], report: &mut Report) {
    if !container.document().is_fragment() {
        let message = format!("{} does not promise to run as another user than root", container.title());
        report.finding(container.anchor(&["securityContext", "runAsNonRoot"]), message).aliases(aliases);
    }
}

fn missing(container: &Container, report: &mut Report) {
    // A patch leaves the fields to the object that it patches.
    if container.document().is_fragment() {
        return;
    }
    let message = format!("{} may run as root: neither `runAsNonRoot: true` nor `runAsUser` is set", container.title());
    let finding = report.finding(container.anchor(&["securityContext", "runAsNonRoot"]), message);
    finding.aliases(match container.role() {
        Role::Main => &["run-as-non-root", "runAsRootAllowed", "KSV-0012", "CKV_K8S_23"],
        Role::Init | Role::Sidecar => &["run-as-non-root", "runAsRootAllowed", "KSV-0012"],
        Role::Ephemeral => &["run-as-non-root"],
    });
}

fn windows(container: &Container, once: &mut Once, report: &mut Report) {
    if report.options().flag("require-non-root") {
        match Setting::of(container, &["runAsNonRoot"]) {
            Some(non_root) if non_root.node.boolean() == Some(false) => {
                refused(container, non_root, true, once, report);
            }
            Some(_) => {}
            None => unpromised(container, &["KSV-0012"], report),
        }
    }
    let Some(user) = Setting::of(container, &["windowsOptions", "runAsUserName"]) else { return };
    let is_administrator = user.node.text().is_some_and(|name| name.eq_ignore_ascii_case("ContainerAdministrator"));
    if is_administrator && once.is_first(user) {
        let message = format!("{} runs as `ContainerAdministrator`", user.title(container));
        report.finding(user.node, message).aliases(&[]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    /// Flagged tokens of a pod with this security context and spec, and containers with these security contexts.
    fn flagged(spec: &str, pod: &str, containers: &[&str]) -> Vec<String> {
        let mut text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec}\n  securityContext: {{{pod}}}\n  containers:\n"
        );
        for (number, context) in containers.iter().enumerate() {
            text.push_str(&format!("    - {{name: c{number}, image: a, securityContext: {{{context}}}}}\n"));
        }
        manifest(&RULE, &text)
    }

    const LINUX: &str = "os: {name: linux}";

    #[test]
    fn either_field_is_enough_at_either_level() {
        assert_eq!(flagged(LINUX, "runAsNonRoot: true", &[""]), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsUser: 1", &[""]), [""; 0]);
        assert_eq!(flagged(LINUX, "", &["runAsNonRoot: true", "runAsUser: 1000"]), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsUser: 0", &["runAsUser: 1000"]), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsUser: 1000", &["runAsNonRoot: false"]), [""; 0]);
    }

    #[test]
    fn values_of_other_types_are_passed_over() {
        assert_eq!(flagged(LINUX, "runAsUser: '0'", &[""]), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsNonRoot: 'false'", &[""]), [""; 0]);
        assert_eq!(flagged(LINUX, "runAsUser: -1", &[""]), [""; 0]);
    }

    #[test]
    fn a_user_namespace_makes_root_harmless_but_no_contradiction_right() {
        assert_eq!(flagged("hostUsers: false", "runAsUser: 0", &[""]), [""; 0]);
        assert_eq!(flagged("hostUsers: false", "", &[""]), [""; 0]);
        assert_eq!(flagged("hostUsers: true", "runAsUser: 0", &[""]), ["0"]);
        assert_eq!(flagged("hostUsers: false", "runAsNonRoot: true", &["runAsUser: 0"]), ["0"]);
    }

    #[test]
    fn windows_has_its_own_root() {
        let windows = "os: {name: windows}";
        assert_eq!(flagged(windows, "", &[""]), [""; 0]);
        assert_eq!(flagged(windows, "windowsOptions: {runAsUserName: ContainerUser}", &[""]), [""; 0]);
        assert_eq!(
            flagged(windows, "windowsOptions: {runAsUserName: containeradministrator}", &["", ""]),
            ["containeradministrator"]
        );
    }

    #[test]
    fn a_setting_of_the_pod_is_reported_once() {
        assert_eq!(flagged(LINUX, "runAsUser: 0", &["", "", "runAsUser: 5"]), ["0"]);
        assert_eq!(flagged(LINUX, "runAsNonRoot: false", &["", ""]), ["false"]);
    }

    #[test]
    fn a_container_may_take_back_what_the_pod_promises() {
        assert_eq!(flagged(LINUX, "runAsNonRoot: true", &["runAsNonRoot: false", ""]), ["false"]);
        assert_eq!(flagged(LINUX, "runAsUser: 1000", &["runAsUser: 0"]), ["0"]);
    }

    #[test]
    fn nothing_said_is_reported_for_each_container() {
        assert_eq!(flagged(LINUX, "", &["", "runAsUser: 1"]), ["securityContext"]);
        let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: one, image: a}\n    - {name: two, image: a}\n";
        assert_eq!(manifest(&RULE, bare), ["one", "two"]);
    }

    #[test]
    fn one_may_ask_for_the_promise_in_any_case() {
        let strict = Trial::with(&RULE, r#"{"require-non-root": true}"#);
        let pod = |spec: &str, context: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec}\n  containers: [{{name: a}}]\n  securityContext: {{{context}}}\n"
            )
        };
        assert_eq!(strict.manifest(&pod(LINUX, "runAsUser: 1")), ["a"]);
        assert_eq!(strict.manifest(&pod(LINUX, "runAsUser: 1, runAsNonRoot: false")), ["false"]);
        assert_eq!(strict.manifest(&pod(LINUX, "runAsNonRoot: true")), [""; 0]);
        assert_eq!(strict.manifest(&pod("os: {name: windows}", "fsGroup: 1")), ["a"]);
        assert_eq!(strict.manifest(&pod("hostUsers: false", "runAsUser: 1")), [""; 0]);
        let own = "containers: [{name: a, securityContext: {runAsUser: 1, runAsNonRoot: true}}]";
        let overridden = pod(LINUX, "runAsUser: 0, runAsNonRoot: false").replace("containers: [{name: a}]", own);
        assert_eq!(strict.manifest(&overridden), ["0", "false"]);
    }
}
