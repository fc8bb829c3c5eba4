//! Rules that read manifests into types: those of Kubernetes, and a plugin's own.

use hullmark_sdk::prelude::*;
use hullmark_sdk::testing::*;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod as PodType, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

rule! {
    /// Tells what the types read.
    level: Note,
    checks: &[Object(&["Deployment", "Pod", "Service", "Other"], read)],
}

fn read(object: &Object, report: &mut Report) {
    let said = match object.kind() {
        Some("Deployment") => object.decode().map(|deployment: Deployment| {
            let spec = deployment.spec;
            format!("replicas {:?}, labels {:?}", spec.replicas, spec.selector.match_labels.unwrap_or_default())
        }),
        Some("Service") => object.decode().map(|service: Service| {
            let ports = service.spec.and_then(|spec| spec.ports).unwrap_or_default();
            let targets = ports.into_iter().map(|port| match port.target_port {
                Some(IntOrString::Int(number)) => number.to_string(),
                Some(IntOrString::String(name)) => format!("`{name}`"),
                None => "none".to_owned(),
            });
            targets.collect::<Vec<_>>().join(" ")
        }),
        Some("Pod") => object.decode().map(|pod: PodType| {
            let containers = pod.spec.map(|spec| spec.containers).unwrap_or_default();
            let cpu = containers.into_iter().filter_map(|container| container.resources?.limits?.remove("cpu"));
            cpu.map(|quantity| quantity.0).collect::<Vec<_>>().join(" ")
        }),
        _ => object.node().decode().map(|json: serde_json::Value| json.to_string()),
    };
    match said {
        Ok(said) => report.finding(object.name_place(), said),
        Err(error) => report.finding(error.place(), error.to_string()),
    };
}

/// Where the rule points, and what it says.
fn said(manifest: &str) -> (String, String) {
    let found = Trial::of(&RULE).found(&[("a.yaml", manifest)]).remove(0);
    (found.token, found.finding.message().to_owned())
}

fn deployment(spec: &str) -> (String, String) {
    said(&format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {spec}\n"))
}

fn is(token: &str, message: &str) -> (String, String) {
    (token.to_owned(), message.to_owned())
}

#[test]
fn what_is_missing_null_or_unknown_is_no_fault() {
    assert_eq!(deployment("{}"), is("a", "replicas None, labels {}"));
    assert_eq!(deployment(""), is("a", "replicas None, labels {}"));
    assert_eq!(deployment("{replicas: , selector: }"), is("a", "replicas None, labels {}"));
    assert_eq!(deployment("{replicas: 2, replcias: [x]}"), is("a", "replicas Some(2), labels {}"));
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    assert_eq!(deployment("{replicas: 2, replicas: 3}"), is("a", "replicas Some(3), labels {}"));
}

#[test]
fn a_fault_is_told_at_the_very_value() {
    let invalid = |what: &str, wanted: &str| format!("invalid type: {what}, expected {wanted}");
    assert_eq!(deployment("{replicas: 'two'}"), is("'two'", &invalid("string \"two\"", "i32")));
    assert_eq!(
        deployment("{selector: {matchLabels: {a: b, c: 1}}}"),
        is("1", &invalid("integer `1`", "a string")),
        "a label is no number"
    );
    let (token, _) = deployment("{template: {spec: {containers: {name: a}}}}");
    assert_eq!(token, "containers", "a mapping is told at its key");
    let (token, _) = deployment("{replicas: 99999999999999999999}");
    assert_eq!(token, "99999999999999999999");
}

#[test]
fn another_version_is_another_type() {
    let (token, message) = said("apiVersion: apps/v2\nkind: Deployment\nmetadata: {name: a}\n");
    assert_eq!((token.as_str(), message.contains("apps/v1")), ("apps/v2", true), "{message}");
}

#[test]
fn numbers_and_texts_are_told_apart_where_kubernetes_does() {
    let ports = "[{port: 1, targetPort: 80}, {port: 2, targetPort: '80'}, {port: 3}]";
    let service = format!("apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{ports: {ports}}}\n");
    assert_eq!(said(&service), is("a", "80 `80` none"));
    let limits = |cpu: &str| format!("{{name: a, resources: {{limits: {{cpu: {cpu}}}}}}}");
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{}, {}, {}]}}\n",
        limits("1"),
        limits("0.5"),
        limits("250m")
    );
    assert_eq!(said(&pod), is("a", "1 0.5 250m"));
}

#[test]
fn any_type_of_serde_will_do() {
    let other = "apiVersion: example.com/v1\nkind: Other\nmetadata: {name: a}\nspec: [1, -2, 0.5, true, ~, yes, 18446744073709551615]\n";
    let json = r#"{"apiVersion":"example.com/v1","kind":"Other","metadata":{"name":"a"},"spec":[1,-2,0.5,true,null,true,18446744073709551615]}"#;
    assert_eq!(said(other), is("a", json));
}
