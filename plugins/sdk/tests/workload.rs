//! Kinds that describe pods: those of the SDK are those of the host, which finds the pods.

use hullmark_sdk::prelude::*;
use hullmark_sdk::testing::*;

rule! {
    /// Tells what is known of an object.
    level: Note,
    checks: &[Object(&[], tell)],
}

fn tell(object: &Object, report: &mut Report) {
    if object.is_workload() || object.pods().next().is_some() {
        let said = if object.pods().next().is_some() { "with pods" } else { "without pods" };
        report.finding(object.name_place(), if object.is_workload() { said } else { "no workload" });
    }
}

/// What is told of an object of every group and kind, the template of its pods written or not.
fn told(template: &str) -> Vec<String> {
    let groups = ["v1", "apps/v1", "extensions/v1beta1", "batch/v1", "argoproj.io/v1alpha1", "apps.openshift.io/v1"];
    let kinds = [
        "Configuration",
        "CronJob",
        "DaemonSet",
        "Deployment",
        "DeploymentConfig",
        "Job",
        "Pod",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "Rollout",
        "Secret",
        "Service",
        "StatefulSet",
    ];
    let object = |group: &&str, kind: &str| {
        let template = match kind {
            "CronJob" => format!("spec: {{jobTemplate: {{spec: {{template: {template}}}}}}}"),
            "Pod" => template[1..template.len() - 1].to_owned(),
            "PodTemplate" => format!("template: {template}"),
            _ => format!("spec: {{template: {template}}}"),
        };
        format!("apiVersion: {group}\nkind: {kind}\n{template}\n")
    };
    let of_group = |group| kinds.iter().map(move |kind| object(group, kind));
    let text = groups.iter().chain(&["serving.knative.dev/v1"]).flat_map(of_group).collect::<Vec<_>>().join("---\n");
    let found = Trial::of(&RULE).found(&[("a.yaml", &text)]);
    found.into_iter().map(|found| format!("{} {}", found.token, found.finding.message())).collect()
}

#[test]
fn both_lists_are_the_same() {
    let full = told("{spec: {}}");
    assert_eq!(full.len(), 17);
    assert!(full.iter().all(|said| said.ends_with("with pods") && !said.ends_with("without pods")), "{full:?}");
    let empty = told("{other: {}}");
    assert_eq!(empty.len(), 17);
    assert!(empty.iter().all(|said| said.ends_with("without pods")), "{empty:?}");
}
