use hullmark_sdk::prelude::*;

rule! {
    /// Tiller, the server part of Helm 2, is in the cluster.
    ///
    /// ## What it checks
    ///
    /// Pods with an image called `tiller` or with the labels that Helm 2 gave it (`app: helm` and `name: tiller`), and
    /// Services with `tiller` in their name, labels or selector.
    ///
    /// ## Why it matters
    ///
    /// Tiller acts as an administrator for everybody who reaches its port, without a login. Helm has done without it since
    /// version 3, and Helm 2 gets no corrections any more.
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
    ///       image: ghcr.io/helm/tiller:v2.17.0
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
    /// Move the releases to Helm 3 or later, and delete Tiller with its Service and its account.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov take each of the two labels alone for Tiller.
    ///
    /// ## References
    ///
    /// - <https://helm.sh/docs/topics/v2_v3_migration/>
    level: Error,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("9.0"),
    precision: High,
    aliases: &["KSV-0102", "CKV_K8S_34", "CKV_K8S_44", "CKV_K8S_45"],
    references: &["https://helm.sh/docs/topics/v2_v3_migration/"],
    checks: &[Container(container), Object(&["Service"], service)],
}

const NAME: &str = "tiller";

fn container(container: &Container, report: &mut Report) {
    let Some(image) = container.get("image") else { return };
    let is_tiller = |text: &str| text.rsplit('/').next().is_some_and(|name| name.starts_with(NAME));
    let labels = container.pod().template().at(&["metadata", "labels"]);
    let label = |key| labels.and_then(|labels| labels.get(key)).and_then(Node::text);
    let by_image = image.text().is_some_and(is_tiller);
    let by_labels = label("app") == Some("helm") && label("name") == Some(NAME);
    if !by_image && !by_labels {
        return;
    }
    let is_local = |argument: &str| {
        argument.contains("--listen") && (argument.contains("localhost") || argument.contains("127.0.0.1"))
    };
    let mut arguments = container.get("args").into_iter().flat_map(Node::items).filter_map(Node::text);
    let is_open = !arguments.any(is_local);
    let message = format!("{} runs Tiller, which acts as an administrator for everybody", container.title());
    report.finding(image, message).aliases_if(&[("KSV-0102", true), ("CKV_K8S_34", true), ("CKV_K8S_45", is_open)]);
}

fn service(service: &Object, report: &mut Report) {
    let values = |path: &[&str]| service.at(path).into_iter().flat_map(Node::children).collect::<Vec<_>>();
    let name = service.at(&["metadata", "name"]);
    let mut texts = name.into_iter().chain(values(&["metadata", "labels"])).chain(values(&["spec", "selector"]));
    let found = texts.find(|node| node.text().is_some_and(|text| text.to_ascii_lowercase().contains(NAME)));
    if let Some(node) = found.filter(|_| service.group().is_empty()) {
        report.finding(node, format!("{} leads to Tiller", service.title())).aliases(&["CKV_K8S_44"]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(image: &str, labels: &str, args: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{{labels}}}}}\nspec: {{containers: [{{name: a, image: '{image}', args: [{args}]}}]}}\n"
        )
    }

    #[test]
    fn other_images_and_labels_are_accepted() {
        assert_eq!(manifest(&RULE, &pod("a/distiller", "app: helm", "")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("tiller/web", "name: tiller", "")), [""; 0]);
        assert_eq!(
            manifest(&RULE, "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: helm}}\n"),
            [""; 0]
        );
    }

    #[test]
    fn tiller_is_flagged() {
        assert_eq!(
            manifest(&RULE, &pod("gcr.io/kubernetes-helm/tiller:v2", "", "")),
            ["'gcr.io/kubernetes-helm/tiller:v2'"]
        );
        assert_eq!(manifest(&RULE, &pod("a", "app: helm, name: tiller", "--listen=localhost:1")), ["'a'"]);
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {name: tiller}}\n";
        assert_eq!(manifest(&RULE, service), ["tiller"]);
    }
}
