use hullmark_sdk::prelude::*;

rule! {
    /// The Service reaches no pod.
    ///
    /// ## What it checks
    ///
    /// The selector of each Service, against the labels of all pods of its namespace. One that matches none is reported where pods stand
    /// beside it, and no custom resource or annotation holds one of its values: an operator makes pods from there.
    ///
    /// ## Why it matters
    ///
    /// Whoever calls the Service gets no answer.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels: {acme.example/team: shop}
    /// spec:
    ///   selector: {app: website}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    ///   labels: {acme.example/team: shop}
    /// spec:
    ///   selector: {app: web}
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels: {app: web, acme.example/team: shop}
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.acme.example/web:1.4.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Let the selector match the labels in the pod template.
    tags: &["correctness"],
    precision: Medium,
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    for service in project.objects(&["Service"]) {
        let Some(selector) = service.at(&["spec", "selector"]) else { continue };
        let mut values = selector.entries().filter_map(|(_, value)| value.text()).peekable();
        if values.peek().is_none() || !project.select_labels(selector, service.namespace()).is_empty() {
            continue;
        }
        let here = (service.document(), service.namespace());
        let mut pods = project.pods().iter();
        let is_beside = pods.any(|pod| project.is_beside((pod.document, pod.namespace.as_deref()), here));
        if is_beside && !values.any(|value| project.may_be_made(value)) {
            report.finding(selector, format!("the selector of {} matches no pod", service.title()));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: []}\n";

    fn flagged(app: &str, others: &str) -> Vec<String> {
        let service =
            format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{selector: {{app: {app}}}}}\n");
        project(&RULE, &[("a.yaml", &service), ("b.yaml", others)])
    }

    #[test]
    fn a_service_of_pods_that_are_there_or_may_be_is_accepted() {
        let made = format!("{POD}---\napiVersion: a.example/v1\nkind: A\nmetadata: {{name: b}}\n");
        assert_eq!((flagged("a", POD), flagged("b", &made)), (Vec::new(), Vec::new()));
        assert_eq!(flagged("b", &POD.replace("Pod", "ConfigMap")), [""; 0]);
    }

    #[test]
    fn a_selector_that_matches_nothing_is_found() {
        assert_eq!(flagged("b", POD), ["selector"]);
    }
}
