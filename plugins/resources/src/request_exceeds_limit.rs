use hullmark_sdk::prelude::*;

use crate::requirements::{is_extended, quantity};

rule! {
    /// A request does not fit its limit, so Kubernetes refuses the pod.
    ///
    /// ## What it checks
    ///
    /// `resources` of every container and of the pod itself (`spec.resources`), for every resource, compared by value:
    /// `1000m` of CPU equals `1`. A request must not be larger than the limit. Huge pages (`hugepages-2Mi`) and
    /// extended resources (`nvidia.com/gpu`) cannot be overcommitted: their request must equal the limit, and there
    /// must be a limit.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the pod. For a Deployment the object itself is refused; for custom workloads it may be
    /// accepted, and then no pod ever comes up.
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
    ///           memory: 1Gi
    ///         limits:
    ///           memory: 1G
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: training
    /// spec:
    ///   containers:
    ///     - name: training
    ///       image: registry.example/training:2.0
    ///       resources:
    ///         requests:
    ///           nvidia.com/gpu: 1
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
    ///           cpu: 1000m
    ///         limits:
    ///           cpu: 1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Raise the limit or lower the request. Mind the suffixes: `1Gi` is more than `1G`, and `1` of CPU is `1000m`.
    level: Error,
    tags: &["correctness"],
    references: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "https://kubernetes.io/docs/tasks/configure-pod-container/extended-resource/",
    ],
    fragments: true,
    checks: &[Container(container), Pod(pod)],
}

fn container(container: &Container, report: &mut Report) {
    if container.role() != Role::Ephemeral {
        judge(container.node(), &container.title(), report);
    }
}

fn pod(pod: &Pod, report: &mut Report) {
    judge(pod.spec(), &format!("the pod of {}", pod.object().title()), report);
}

fn judge(holder: Node, title: &str, report: &mut Report) {
    let Some(requests) = holder.at(&["resources", "requests"]) else { return };
    for (resource, request) in requests.entries() {
        match holder.at(&["resources", "limits", resource]) {
            Some(limit) => compare(resource, request, limit, title, report),
            None => require_limit(resource, request, title, report),
        }
    }
}

fn compare(resource: &str, request: Node, limit: Node, title: &str, report: &mut Report) {
    let (Some(wanted), Some(most)) = (quantity(request), quantity(limit)) else { return };
    let (wanted, most) = (magnitude(wanted), magnitude(most));
    let (asked, allowed) = (request.value().unwrap_or_default(), limit.value().unwrap_or_default());
    let message = if wanted > most {
        format!("{title} requests `{asked}` of `{resource}`, more than its limit of `{allowed}`")
    } else if wanted != most && must_equal_limit(resource) {
        format!("{title} requests `{asked}` of `{resource}`, which must equal its limit of `{allowed}`")
    } else {
        return;
    };
    report.finding(request, message).related(limit, "the limit");
}

/// What cannot be overcommitted needs a limit; in a patch, the limit may stand in the object that is patched.
fn require_limit(resource: &str, request: Node, title: &str, report: &mut Report) {
    let may_stand_elsewhere = request.document().is_fragment();
    if may_stand_elsewhere || !must_equal_limit(resource) || quantity(request).is_none() {
        return;
    }
    let asked = request.value().unwrap_or_default();
    let message = format!("{title} requests `{asked}` of `{resource}` without a limit, which must be the same");
    report.finding(request, message);
}

fn must_equal_limit(resource: &str) -> bool {
    resource.starts_with("hugepages-") || is_extended(resource)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn container(requests: &str, limits: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n      \
             resources:\n        requests: {requests}\n        limits: {limits}\n"
        )
    }

    #[test]
    fn equal_values_may_be_written_differently() {
        for (request, limit) in [
            ("{cpu: 1000m}", "{cpu: 1}"),
            ("{cpu: 0.5}", "{cpu: 500m}"),
            ("{memory: 1024Mi}", "{memory: 1Gi}"),
            ("{hugepages-2Mi: 1Gi}", "{hugepages-2Mi: 1024Mi}"),
            ("{nvidia.com/gpu: '1'}", "{nvidia.com/gpu: 1}"),
        ] {
            assert_eq!(manifest(&RULE, &container(request, limit)), [""; 0], "{request}");
        }
    }

    #[test]
    fn only_what_cannot_be_overcommitted_needs_a_limit() {
        for (request, flagged) in [
            ("{cpu: 1}", vec![]),
            ("{memory: 1Gi}", vec![]),
            ("{ephemeral-storage: 1Gi}", vec![]),
            ("{example.kubernetes.io/thing: 1}", vec![]),
            ("{hugepages-2Mi: 4Mi}", vec!["4Mi"]),
            ("{nvidia.com/gpu: 1}", vec!["1"]),
        ] {
            assert_eq!(manifest(&RULE, &container(request, "{}")), flagged, "{request}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_passed_over() {
        for request in ["{cpu: '${CPU}'}", "{cpu: [2]}", "{cpu: true}", "[cpu]", "{nvidia.com/gpu: some}"] {
            assert_eq!(manifest(&RULE, &container(request, "{cpu: 1}")), [""; 0], "{request}");
        }
    }

    #[test]
    fn the_request_is_flagged() {
        for (request, limit, token) in [
            ("{cpu: 2}", "{cpu: 1500m}", "2"),
            ("{memory: 1Gi}", "{memory: 1G}", "1Gi"),
            ("{ephemeral-storage: 2Gi}", "{ephemeral-storage: 1Gi}", "2Gi"),
            ("{nvidia.com/gpu: 1}", "{nvidia.com/gpu: 2}", "1"),
        ] {
            assert_eq!(manifest(&RULE, &container(request, limit)), [token], "{request}");
        }
    }
}
