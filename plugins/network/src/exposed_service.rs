use hullmark_sdk::prelude::*;

rule! {
    /// The Service is open to clients outside of the cluster.
    ///
    /// ## What it checks
    ///
    /// Services of type `NodePort` or `LoadBalancer`.
    ///
    /// ## Why it matters
    ///
    /// A `NodePort` opens a port on every node of the cluster, past the firewalls that were made for them; a
    /// `LoadBalancer` gets an address of its own, often a public one. Both are right for what is meant to be reached
    /// from outside. Where an Ingress or a Gateway is there for that, another way in is mostly an oversight.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   type: NodePort
    ///   ports:
    ///     - port: 80
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   type: ClusterIP
    ///   ports:
    ///     - port: 80
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make it a Service of type `ClusterIP`, and let an Ingress or a Gateway send to it. Suppress the rule at the
    /// Services that are the way in.
    ///
    /// ## Options
    ///
    /// - `types`: the types that are reported. By default `["NodePort", "LoadBalancer"]`.
    ///
    /// ## Other tools
    ///
    /// kube-score reports `NodePort` only.
    ///
    /// ## References
    ///
    /// - [Service types](https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types)
    enabled: false,
    tags: &["security", "external/cwe/cwe-668"],
    security_severity: Some("4.0"),
    aliases: &["exposed-services", "service-type"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
    ],
    fragments: true,
    options: &[OptionSpec::words(
        "types",
        &["NodePort", "LoadBalancer"],
        &["NodePort", "LoadBalancer"],
        "The types that are reported.",
    )],
    checks: &[Object(&["Service"], service)],
}

fn service(service: &Object, report: &mut Report) {
    // Knative has a kind Service too.
    let Some(kind) = service.at(&["spec", "type"]).filter(|_| service.group().is_empty()) else { return };
    let Some(name) = kind.text() else { return };
    if !report.options().texts("types").any(|forbidden| forbidden == name) {
        return;
    }
    let finding =
        report.finding(kind, format!("{} is of type `{name}`, so it is open to the outside", service.title()));
    finding.aliases_if(&[("exposed-services", true), ("service-type", name == "NodePort")]);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn service(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn what_stays_in_the_cluster_is_accepted() {
        for spec in ["", "type: ClusterIP", "type: ExternalName", "type: [NodePort]", "externalTrafficPolicy: Local"] {
            assert_eq!(manifest(&RULE, &service(spec)), [""; 0], "{spec}");
        }
    }

    #[test]
    fn a_service_of_knative_is_another_thing() {
        let knative = service("type: NodePort").replace("v1", "serving.knative.dev/v1");
        assert_eq!(manifest(&RULE, &knative), [""; 0]);
    }

    #[test]
    fn what_is_open_to_the_outside_is_flagged() {
        assert_eq!(manifest(&RULE, &service("type: NodePort")), ["NodePort"]);
        assert_eq!(manifest(&RULE, &service("type: LoadBalancer")), ["LoadBalancer"]);
        let trial = Trial::with(&RULE, r#"{"types": ["NodePort"]}"#);
        assert_eq!(trial.manifest(&service("type: LoadBalancer")), [""; 0]);
    }
}
