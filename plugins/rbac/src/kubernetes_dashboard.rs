use hullmark_sdk::prelude::*;

rule! {
    /// The dashboard of Kubernetes is in the cluster.
    ///
    /// ## What it checks
    ///
    /// Pods with the image of the dashboard (`kubernetesui/…`, `…/kubernetes-dashboard…`) or with its label, `app` or
    /// `k8s-app`: `kubernetes-dashboard`.
    ///
    /// The rule is off unless it is selected.
    ///
    /// ## Why it matters
    ///
    /// The dashboard has been the way into many clusters, mostly through an account with too many rights and a port that was
    /// open to all. Its project has been archived.
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
    ///       image: kubernetesui/dashboard:v2.7.0
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
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use a client that runs on the user's own machine with the user's own rights.
    ///
    /// ## References
    ///
    /// - <https://github.com/kubernetes-retired/dashboard>
    enabled: false,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("5.0"),
    precision: High,
    aliases: &["CKV_K8S_33"],
    references: &["https://github.com/kubernetes-retired/dashboard"],
    checks: &[Container(container)],
}

const NAME: &str = "kubernetes-dashboard";

fn container(container: &Container, report: &mut Report) {
    let image = container.get("image");
    let is_dashboard = |text: &str| text.contains(NAME) || text.contains("kubernetesui");
    let labels = container.pod().template().at(&["metadata", "labels"]);
    let label = |key| labels.and_then(|labels| labels.get(key)).filter(|value| value.text() == Some(NAME));
    let by_image = image.filter(|image| image.text().is_some_and(is_dashboard));
    if let Some(place) = by_image.or_else(|| label("app")).or_else(|| label("k8s-app")) {
        report.finding(place, format!("{} is the dashboard of Kubernetes", container.title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(image: &str, labels: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{{labels}}}}}\nspec: {{containers: [{{name: a, image: {image}}}]}}\n"
        )
    }

    #[test]
    fn other_images_and_labels_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("a/dashboard", "app: dashboard")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("grafana/grafana", "name: kubernetes-dashboard")), [""; 0]);
    }

    #[test]
    fn the_dashboard_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("kubernetesui/dashboard", "")), ["kubernetesui/dashboard"]);
        assert_eq!(manifest(&RULE, &pod("a", "k8s-app: kubernetes-dashboard")), ["kubernetes-dashboard"]);
    }
}
