use hullmark_sdk::prelude::*;

use crate::placeholder::is_filled_in;
use crate::ports::number;

rule! {
    /// A port has a name or a number that Kubernetes refuses.
    ///
    /// ## What it checks
    ///
    /// Ports of containers, and `targetPort` of Services. A name has at most 15 characters, small letters, digits and hyphens, at
    /// least one letter, no hyphen at the start or the end and no two together. A number is one from 1 to 65535;
    /// `hostPort` may be 0, which is the same as none. In one container no name stands twice. A `containerPort` that is missing is
    /// left to `api/missing-field`.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object.
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
    ///       image: registry.example/web:1.4
    ///       ports:
    ///         - name: HTTP_main
    ///           containerPort: 8080
    ///         - name: metrics
    ///           containerPort: 80800
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
    ///       image: registry.example/web:1.4
    ///       ports:
    ///         - name: http-main
    ///           containerPort: 8080
    ///         - name: metrics
    ///           containerPort: 8081
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write a name or a number of the allowed form. A `targetPort` that is a number stands without quotes.
    ///
    /// ## Options
    ///
    /// - `required` (default `false`): report a missing `containerPort` too.
    ///
    /// ## Other tools
    ///
    /// kube-score asks only for short names, for numbers other than 0, and that no name stands twice in a container. kube-linter
    /// asks for the same of names, but not that they differ, and looks at the numbers of Services only. It refuses an empty
    /// `targetPort`, which for Kubernetes is one that is not written.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports>
    /// - <https://www.rfc-editor.org/rfc/rfc6335#section-5.1>
    level: Error,
    tags: &["correctness"],
    aliases: &["invalid-target-ports", "container-ports-check"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
        "https://www.rfc-editor.org/rfc/rfc6335#section-5.1",
    ],
    fragments: true,
    options: &[OptionSpec::flag("required", false, "report a missing `containerPort` too")],
    checks: &[Container(container), Object(&["Service"], service)],
}

const LONGEST_NAME: usize = 15;

fn container(container: &Container, report: &mut Report) {
    let is_known_to_kube_score = container.role() != Role::Ephemeral;
    let mut names: Vec<Node> = Vec::new();
    for port in container.get("ports").into_iter().flat_map(Node::items) {
        if let Some(name) = port.get("name") {
            check_name(name, is_known_to_kube_score, report);
            if let Some(first) = names.iter().find(|other| name.text().is_some() && other.text() == name.text()) {
                let message =
                    format!("{} has two ports by the name `{}`", container.title(), name.text().unwrap_or_default());
                let finding = report.finding(name, message);
                finding.related(*first, "the first one");
                finding.aliases_if(&[("container-ports-check", is_known_to_kube_score)]);
            }
            names.push(name);
        }
        if port.kind() == Kind::Mapping && port.get("containerPort").is_none() {
            missing_number(container, port, report);
        }
        check_number(number(port, "containerPort"), 1, is_known_to_kube_score, report);
        check_number(number(port, "hostPort"), 0, false, report);
    }
}

fn missing_number(container: &Container, port: Node, report: &mut Report) {
    // A patch may leave it to the object that it patches; elsewhere `api/missing-field` reports it.
    if container.document().is_fragment() || !report.options().flag("required") {
        return;
    }
    let key = port.written("containerPort").map(Node::key_place);
    let place = key.or_else(|| Some(port.get("name")?.place())).unwrap_or_else(|| port.place());
    let finding = report.finding(place, format!("a port of {} has no `containerPort`", container.title()));
    finding.aliases_if(&[("container-ports-check", container.role() != Role::Ephemeral)]);
}

fn service(service: &Object, report: &mut Report) {
    // Knative has a kind Service too.
    if !service.group().is_empty() {
        return;
    }
    for port in service.at(&["spec", "ports"]).into_iter().flat_map(Node::items) {
        if let Some(target) = port.get("targetPort") {
            check_name(target, false, report);
        }
        check_number(number(port, "targetPort"), 1, false, report);
    }
}

/// Reports each thing that is wrong with a name.
fn check_name(node: Node, is_known_to_kube_score: bool, report: &mut Report) {
    let Some(name) = node.text().filter(|name| !name.is_empty() && !is_filled_in(name)) else { return };
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_long = name.len() > LONGEST_NAME;
    for (is_wrong, what) in [
        (is_long, "is longer than 15 characters"),
        (!name.bytes().all(is_allowed), "has other characters than small letters, digits and hyphens"),
        (!name.bytes().any(|byte| byte.is_ascii_lowercase()), "has no small letter"),
        (name.contains("--"), "has two hyphens together"),
        (name.starts_with('-') || name.ends_with('-'), "begins or ends with a hyphen"),
    ] {
        if is_wrong {
            let finding = report.finding(node, format!("the port name `{name}` {what}"));
            finding.aliases_if(&[
                ("invalid-target-ports", true),
                ("container-ports-check", is_known_to_kube_score && what.ends_with("15 characters")),
            ]);
        }
    }
}

fn check_number(port: Option<(Node, i64)>, least: i64, is_known_to_kube_score: bool, report: &mut Report) {
    let Some((node, number)) = port.filter(|(_, number)| !(least..=65535).contains(number)) else { return };
    let finding = report.finding(node, format!("port `{number}` is not one from {least} to 65535"));
    finding.aliases_if(&[
        ("invalid-target-ports", number != 0 && node.key() == Some("targetPort")),
        ("container-ports-check", is_known_to_kube_score && number == 0),
    ]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(ports: &str) -> Vec<String> {
        let text = format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - {{name: web, ports: [{ports}]}}\n");
        manifest(&RULE, &text)
    }

    fn service(target: &str) -> Vec<String> {
        let ports = format!("spec: {{ports: [{{port: 80, targetPort: {target}}}]}}\n");
        manifest(&RULE, &format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\n{ports}"))
    }

    #[test]
    fn what_kubernetes_takes_is_accepted() {
        for port in [
            "{containerPort: 1}",
            "{containerPort: 65535, hostPort: 0}",
            "{name: a, containerPort: 1}",
            "{name: exactly-15-char, containerPort: 1}",
            "{name: 8a, containerPort: 1}",
            "{name: '', containerPort: 1}",
            "{containerPort: '80'}",
            "{name: '${NAME}', containerPort: 1}",
        ] {
            assert_eq!(flagged(port), [""; 0], "{port}");
        }
        assert_eq!(service("8080"), [""; 0]);
        assert_eq!(service("http"), [""; 0]);
    }

    #[test]
    fn each_fault_of_a_name_is_flagged() {
        assert_eq!(flagged("{name: sixteen-letters-, containerPort: 1}"), ["sixteen-letters-", "sixteen-letters-"]);
        assert_eq!(flagged("{name: web_a, containerPort: 1}"), ["web_a"]);
        assert_eq!(flagged("{name: HTTP, containerPort: 1}"), ["HTTP", "HTTP"]);
        assert_eq!(flagged("{name: a--b, containerPort: 1}"), ["a--b"]);
        assert_eq!(service("'8080'"), ["'8080'"]);
    }

    #[test]
    fn numbers_out_of_range_are_flagged() {
        assert_eq!(flagged("{containerPort: 0}"), ["0"]);
        assert_eq!(flagged("{containerPort: 80, hostPort: 65536}"), ["65536"]);
        assert_eq!(service("-1"), ["-1"]);
    }

    #[test]
    fn a_number_that_is_missing_is_flagged_where_that_is_asked_for() {
        let ports = "ports: [{containerPort: }, {name: a}, {protocol: UDP}]";
        let text = format!("apiVersion: v1\nkind: Pod\nspec: {{containers: [{{name: web, {ports}}}]}}\n");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"required": true}"#).manifest(&text), ["containerPort", "a", "UDP"]);
    }

    #[test]
    fn a_name_stands_once_in_a_container() {
        assert_eq!(flagged("{name: a, containerPort: 1}, {name: a, containerPort: 2}"), ["a"]);
        let two =
            "{name: one, ports: [{name: a, containerPort: 1}]}, {name: two, ports: [{name: a, containerPort: 2}]}";
        let text = format!("apiVersion: v1\nkind: Pod\nspec: {{containers: [{two}]}}\n");
        assert_eq!(manifest(&RULE, &text), [""; 0]);
    }
}
