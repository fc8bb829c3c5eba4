use hullmark_sdk::prelude::*;

rule! {
    /// The Service claims addresses of its own choice, and takes whatever traffic of the cluster goes there.
    ///
    /// ## What it checks
    ///
    /// Services with `externalIPs`.
    ///
    /// ## Why it matters
    ///
    /// Nobody checks to whom the addresses belong: nodes send what goes to one of them, on the ports of the Service, to
    /// its pods. Whoever may create such a Service can take the traffic that other pods send to any address
    /// (CVE-2020-8554), and no release mends it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Service
    /// metadata:
    ///   name: web
    /// spec:
    ///   selector:
    ///     app: web
    ///   externalIPs: [203.0.113.7]
    ///   ports:
    ///     - port: 443
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
    ///   type: LoadBalancer
    ///   selector:
    ///     app: web
    ///   ports:
    ///     - port: 443
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use a Service of type `LoadBalancer`, or an Ingress or a Gateway. On machines of your own, a load balancer such
    /// as MetalLB hands out the addresses.
    ///
    /// ## Options
    ///
    /// - `external-names`: also report Services with an `externalName`, which send their clients to a name outside of
    ///   the cluster. By default `false`.
    ///
    /// ## Other tools
    ///
    /// Trivy also reports `externalName`, which takes nobody's traffic but that of the Service's own clients.
    ///
    /// ## References
    ///
    /// - [External IPs](https://kubernetes.io/docs/concepts/services-networking/service/#external-ips)
    /// - [CVE-2020-8554](https://github.com/kubernetes/kubernetes/issues/97076)
    tags: &["security", "external/cwe/cwe-300"],
    security_severity: Some("6.3"),
    precision: High,
    aliases: &["KSV-0108"],
    references: &[
        "https://kubernetes.io/docs/concepts/services-networking/service/#external-ips",
        "https://github.com/kubernetes/kubernetes/issues/97076",
    ],
    fragments: true,
    options: &[OptionSpec::flag("external-names", false, "Also report Services with an `externalName`.")],
    checks: &[Object(&["Service"], service)],
}

fn service(service: &Object, report: &mut Report) {
    if !service.group().is_empty() {
        return;
    }
    if let Some(addresses) = service.at(&["spec", "externalIPs"]).filter(|list| list.items().next().is_some()) {
        report.finding(addresses.key_place(), format!("{} claims addresses of its own choice", service.title()));
        return;
    }
    let Some(name) = service.at(&["spec", "externalName"]) else { return };
    if report.options().flag("external-names") {
        let value = name.value().unwrap_or_default();
        report.finding(name, format!("{} sends its clients to `{value}`", service.title()));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn service(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn other_addresses_are_accepted() {
        for spec in ["type: LoadBalancer", "externalIPs: []", "externalIPs:", "clusterIP: 10.0.0.1"] {
            assert_eq!(manifest(&RULE, &service(spec)), [""; 0], "{spec}");
        }
    }

    #[test]
    fn claimed_addresses_are_flagged_once() {
        assert_eq!(manifest(&RULE, &service("externalIPs: [203.0.113.7, 203.0.113.8]")), ["externalIPs"]);
    }

    #[test]
    fn names_are_flagged_if_asked_for() {
        let external = service("type: ExternalName, externalName: db.example.com");
        assert_eq!(manifest(&RULE, &external), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"external-names": true}"#).manifest(&external), ["db.example.com"]);
    }
}
