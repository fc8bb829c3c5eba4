//! The pods that objects describe, and the containers in them.

use super::super::{NodeId, Objects, Pods, Tree, kind};

/// Roles of containers, as the plugin interface numbers them.
const CONTAINER: u8 = 0;
const INIT: u8 = 1;
const SIDECAR: u8 = 2;
const EPHEMERAL: u8 = 3;

/// All pods of a document. Where the shape is not what Kubernetes wants, there is no pod or container.
pub(super) fn of(tree: &Tree, objects: &Objects) -> Pods {
    let mut pods = Pods::default();
    for (index, &object) in objects.nodes.iter().enumerate() {
        let text = |column: &[u32]| objects.strings.get(column[index]).unwrap_or_default();
        let Some(path) = template_path(text(&objects.api_versions), text(&objects.kinds)) else { continue };
        let Some(template) = tree.at(object, path) else { continue };
        let Some(spec) = tree.get(template, "spec").filter(|&spec| tree.kind(spec) == kind::MAPPING) else { continue };
        let pod = pods.specs.len() as u32;
        pods.objects.push(index as u32);
        pods.templates.push(template);
        pods.specs.push(spec);
        for (node, role) in containers(tree, spec) {
            pods.container_pods.push(pod);
            pods.container_nodes.push(node);
            pods.container_roles.push(role);
        }
    }
    pods
}

/// Where the pod template stands in an object; nothing for kinds that describe no pod. Kinds of other groups count only
/// where their definition embeds the pod template of Kubernetes itself.
fn template_path(api_version: &str, name: &str) -> Option<&'static [&'static str]> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, name) {
        ("", "Pod") => Some(&[]),
        ("", "PodTemplate") => Some(&["template"]),
        ("", "ReplicationController")
        | ("apps" | "extensions", "Deployment" | "DaemonSet" | "ReplicaSet")
        | ("apps", "StatefulSet")
        | ("batch", "Job")
        | ("argoproj.io", "Rollout")
        // OpenShift's first release had it without a group.
        | ("" | "apps.openshift.io", "DeploymentConfig")
        | ("serving.knative.dev", "Service" | "Configuration") => Some(&["spec", "template"]),
        ("batch", "CronJob") => Some(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// Containers of a pod with their roles, in the order of the text.
fn containers(tree: &Tree, spec: NodeId) -> Vec<(NodeId, u8)> {
    let mut found = Vec::new();
    for (key, role) in [("containers", CONTAINER), ("initContainers", INIT), ("ephemeralContainers", EPHEMERAL)] {
        let Some(list) = tree.get(spec, key).filter(|&list| tree.kind(list) == kind::SEQUENCE) else { continue };
        for node in tree.children(list).filter(|&node| tree.kind(node) == kind::MAPPING) {
            let restarts = tree.get(node, "restartPolicy").and_then(|policy| tree.text(policy)) == Some("Always");
            found.push((node, if role == INIT && restarts { SIDECAR } else { role }));
        }
    }
    found.sort_unstable();
    found
}
