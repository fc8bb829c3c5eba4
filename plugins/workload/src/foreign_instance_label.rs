use hullmark_sdk::prelude::*;

rule! {
    /// The label `app.kubernetes.io/instance` is not the workload's name.
    ///
    /// ## What it checks
    ///
    /// That label of every workload against `metadata.name`; it must be there. The rule is off unless it is selected: where one
    /// release has several workloads, the label is the release's name, as Kubernetes recommends.
    ///
    /// ## Why it matters
    ///
    /// Where each workload is an instance of its own, the label finds all that belongs to it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app.kubernetes.io/instance: shop
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   labels:
    ///     app.kubernetes.io/instance: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set the label to the name of the workload.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>
    level: Note,
    enabled: false,
    tags: &["maintainability"],
    precision: Low,
    aliases: &["metadataAndInstanceMismatched"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"],
    checks: &[Pod(pod)],
}

const LABEL: &str = "app.kubernetes.io/instance";

fn pod(pod: &Pod, report: &mut Report) {
    let object = pod.object();
    let Some(name) = object.name() else { return };
    let Some(label) = object.at(&["metadata", "labels", LABEL]) else {
        let message = format!("{} has no label `{LABEL}`", object.title());
        report.finding(object.anchor(&["metadata", "labels"]), message);
        return;
    };
    if let Some(value) = label.value().filter(|value| *value != name) {
        report.finding(label, format!("{} is labelled as the instance `{value}`", object.title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(metadata: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Pod\nmetadata: {{{metadata}}}\nspec: {{}}\n"))
    }

    #[test]
    fn the_name_and_no_name_are_accepted() {
        assert_eq!(flagged("name: web, labels: {app.kubernetes.io/instance: web}"), [""; 0]);
        assert_eq!(flagged("generateName: web-"), [""; 0]);
    }

    #[test]
    fn another_name_and_none_are_flagged() {
        assert_eq!(flagged("name: web, labels: {app.kubernetes.io/instance: api}"), ["api"]);
        assert_eq!(flagged("name: web, labels: {app: web}"), ["labels"]);
        assert_eq!(flagged("name: web"), ["metadata"]);
    }
}
