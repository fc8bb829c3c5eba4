use hullmark_sdk::prelude::*;

use crate::requirements::{is_subject, quantity};

rule! {
    /// A request is not its limit, so the container may be promised what its node does not have.
    ///
    /// ## What it checks
    ///
    /// Requests and limits of the resources named by the option `resources`, memory by default, of main containers, init
    /// containers and sidecars, compared by value: `1000m` of CPU equals `1`. A request that is not written is the limit. The
    /// rule is off unless it is selected: to ask for less than the limit is how nodes are used well.
    ///
    /// ## Why it matters
    ///
    /// A container that uses more than its request is the first to be evicted when its node runs out. Only pods whose
    /// requests equal their limits, for CPU and memory in every container, are of the class `Guaranteed`.
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
    ///       resources:
    ///         requests:
    ///           memory: 128Mi
    ///         limits:
    ///           memory: 256Mi
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
    ///       resources:
    ///         requests:
    ///           memory: 256Mi
    ///         limits:
    ///           memory: 256Mi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set the request and the limit to the same amount, or leave the request out.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// `limits-count`: whether a limit is enough.
    ///
    /// `resources`: the resources that are compared.
    ///
    /// ## Other tools
    ///
    /// kube-score does not know that Kubernetes sets a missing request to the limit. It compares ephemeral storage only where
    /// both are written.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &[
        "container-resource-requests-equal-limits",
        "container-cpu-requests-equal-limits",
        "container-memory-requests-equal-limits",
        "container-ephemeral-storage-request-equals-limit",
    ],
    references: &["https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/"],
    options: &[
        OptionSpec::flag(
            "init-containers",
            true,
            "Whether init containers that end before the others start are looked at.",
        ),
        OptionSpec::flag("limits-count", true, "Whether a limit is enough."),
        OptionSpec::words("resources", &["memory"], &RESOURCES, "The resources that are compared."),
    ],
    checks: &[Container(container)],
}

const RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) {
        return;
    }
    for resource in RESOURCES {
        if report.options().texts("resources").any(|one| one == resource) {
            compare(container, resource, report);
        }
    }
}

fn compare(container: &Container, resource: &'static str, report: &mut Report) {
    let request = container.at(&["resources", "requests", resource]);
    let limit = container.at(&["resources", "limits", resource]);
    let title = container.title();
    let text = |node: Node| node.value().unwrap_or_default().to_owned();
    let (place, message) = match (request, limit) {
        (Some(request), Some(limit)) => {
            let (Some(wanted), Some(most)) = (quantity(request), quantity(limit)) else { return };
            if magnitude(wanted) == magnitude(most) {
                return;
            }
            let (asked, allowed) = (text(request), text(limit));
            (request, format!("{title} requests `{asked}` of `{resource}`, and its limit is `{allowed}`"))
        }
        (Some(request), None) => {
            (request, format!("{title} requests `{}` of `{resource}`, and has no limit", text(request)))
        }
        (None, Some(limit)) if !report.options().flag("limits-count") => {
            (limit, format!("{title} has a limit of `{}` of `{resource}`, and no request", text(limit)))
        }
        _ => return,
    };
    let finding = report.finding(place, message);
    if let Some(limit) = limit.filter(|_| request.is_some()) {
        finding.related(limit, "the limit");
    }
    finding.aliases(match resource {
        "cpu" => &["container-resource-requests-equal-limits", "container-cpu-requests-equal-limits"],
        "memory" => &["container-resource-requests-equal-limits", "container-memory-requests-equal-limits"],
        _ if request.is_some() && limit.is_some() => &["container-ephemeral-storage-request-equals-limit"],
        _ => &[],
    });
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(resources: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, resources: {{{resources}}}}}]}}\n"
        )
    }

    #[test]
    fn equal_amounts_are_accepted() {
        for resources in [
            "requests: {memory: 1Gi}, limits: {memory: 1024Mi}",
            "limits: {memory: 1Gi}",
            "requests: {cpu: 1}, limits: {cpu: 2}",
            "requests: {memory: '${MEMORY}'}, limits: {memory: 1Gi}",
            "",
        ] {
            assert_eq!(manifest(&RULE, &pod(resources)), [""; 0], "{resources}");
        }
    }

    #[test]
    fn other_amounts_are_flagged() {
        assert_eq!(manifest(&RULE, &pod("requests: {memory: 1Gi}, limits: {memory: 2Gi}")), ["1Gi"]);
        assert_eq!(manifest(&RULE, &pod("requests: {memory: 1Gi}")), ["1Gi"]);
    }

    #[test]
    fn one_may_ask_for_more() {
        let with = |options: &str, text: &str| Trial::with(&RULE, options).manifest(text);
        assert_eq!(with(r#"{"limits-count": false}"#, &pod("limits: {memory: 1Gi}")), ["1Gi"]);
        let cpu = pod("requests: {cpu: 1, ephemeral-storage: 1}, limits: {cpu: 2, ephemeral-storage: 2}");
        assert_eq!(with(r#"{"resources": ["cpu"]}"#, &cpu), ["1"]);
        assert_eq!(with(r#"{"resources": ["cpu", "ephemeral-storage"]}"#, &cpu), ["1", "1"]);
        let first = pod("requests: {memory: 1Gi}").replace("containers", "initContainers");
        assert_eq!(with(r#"{"init-containers": false}"#, &first), [""; 0]);
    }
}
