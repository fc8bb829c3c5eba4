use hullmark_sdk::prelude::*;

rule! {
    /// The object lives in the namespace `default`, together with all that nobody gave a place.
    ///
    /// ## What it checks
    ///
    /// `metadata.namespace` of workloads, Services, Ingresses, ConfigMaps, Secrets, ServiceAccounts, Roles and RoleBindings: it is
    /// written as `default`, or a kustomization sets it. What is not written is decided by whoever applies the manifest, so it is
    /// passed over unless the option `implicit` is set. The ServiceAccount `default` and the Service `kubernetes` are made by
    /// Kubernetes itself.
    ///
    /// ## Why it matters
    ///
    /// Quotas, NetworkPolicies and rights are given by namespace. In `default`, applications and stray experiments share them, and
    /// nobody can tell what may be removed.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   namespace: default
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give each application and each environment a namespace, and name it here or in the kustomization.
    ///
    /// ## Options
    ///
    /// - `implicit` (default `false`): also report objects whose namespace is not written.
    ///
    /// ## Other tools
    ///
    /// kube-linter, Trivy and Checkov take a namespace that is not written for `default`, whatever `kubectl -n`, a Helm release or
    /// Argo CD may say. kube-linter looks at workloads and Services, Trivy at workloads.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces>
    level: Note,
    tags: &["security"],
    security_severity: Some("2.0"),
    precision: High,
    aliases: &["use-namespace", "KSV-0110", "CKV_K8S_21"],
    references: &["https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces"],
    options: &[OptionSpec::flag("implicit", false, "also report objects whose namespace is not written")],
    checks: &[Object(&[], object)],
}

/// Kinds that hold no pods and are looked at too, with their groups.
const KINDS: [(&str, &str); 8] = [
    ("", "ConfigMap"),
    ("", "Secret"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("extensions", "Ingress"),
    ("networking.k8s.io", "Ingress"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
];

fn object(object: &Object, report: &mut Report) {
    let Some(kind) = object.kind() else { return };
    let is_workload = object.is_workload();
    if !is_workload && !KINDS.contains(&(object.group(), kind)) || is_made_by_kubernetes(kind, object.name()) {
        return;
    }
    let written = object.at(&["metadata", "namespace"]);
    let finding = match object.namespace().filter(|namespace| !namespace.is_empty()) {
        Some("default") => {
            let place = written.map_or_else(|| object.name_place(), Node::place);
            report.finding(place, format!("{} lives in the namespace `default`", object.title()))
        }
        None if report.options().flag("implicit") => {
            let message =
                format!("{} has no namespace, which means `default` unless something else is said", object.title());
            report.finding(object.anchor(&["metadata", "namespace"]), message)
        }
        _ => return,
    };
    finding.aliases_if(&[
        ("use-namespace", is_workload || kind == "Service"),
        ("KSV-0110", is_workload),
        ("CKV_K8S_21", true),
    ]);
}

fn is_made_by_kubernetes(kind: &str, name: Option<&str>) -> bool {
    matches!((kind, name), ("ServiceAccount", Some("default")) | ("Service", Some("kubernetes")))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn object(kind: &str, metadata: &str) -> String {
        format!("apiVersion: v1\nkind: {kind}\nmetadata: {{{metadata}}}\nspec: {{}}\n")
    }

    #[test]
    fn other_namespaces_are_accepted() {
        assert_eq!(manifest(&RULE, &object("Pod", "name: a, namespace: shop")), [""; 0]);
        assert_eq!(manifest(&RULE, &object("Pod", "name: a, namespace: default-2")), [""; 0]);
    }

    #[test]
    fn what_kubernetes_makes_or_has_no_namespace_is_passed_over() {
        for (kind, metadata) in [
            ("ServiceAccount", "name: default, namespace: default"),
            ("Service", "name: kubernetes, namespace: default"),
            ("PersistentVolume", "name: a, namespace: default"),
            ("LimitRange", "name: a, namespace: default"),
        ] {
            assert_eq!(manifest(&RULE, &object(kind, metadata)), [""; 0], "{kind}");
        }
        let custom = object("Service", "name: a, namespace: default").replace("v1", "serving.example/v1");
        assert_eq!(manifest(&RULE, &custom), [""; 0]);
    }

    #[test]
    fn the_default_namespace_is_flagged() {
        for kind in ["Pod", "Service", "ConfigMap", "Secret"] {
            assert_eq!(manifest(&RULE, &object(kind, "name: a, namespace: default")), ["default"], "{kind}");
        }
        let unfinished = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: default}\n";
        assert_eq!(manifest(&RULE, unfinished), ["default"]);
    }

    #[test]
    fn none_is_flagged_on_request() {
        assert_eq!(manifest(&RULE, &object("Pod", "name: a")), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"implicit": true}"#);
        assert_eq!(trial.manifest(&object("Pod", "name: a")), ["metadata"]);
        assert_eq!(trial.manifest(&object("Pod", "name: a, namespace: ''")), ["namespace"]);
        assert_eq!(trial.manifest(&object("Namespace", "name: a")), [""; 0]);
    }
}
