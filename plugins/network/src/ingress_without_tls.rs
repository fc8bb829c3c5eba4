use hullmark_sdk::prelude::*;

rule! {
    /// The Ingress serves a host without TLS: what passes can be read and changed on the way.
    ///
    /// ## What it checks
    ///
    /// Ingresses without a `tls` section, or with an empty one; and hosts of rules that no entry of the `tls` section
    /// holds. An entry without hosts holds all of them, and a wildcard holds the names one label below it.
    ///
    /// It keeps silent where an annotation says that TLS is handled outside of the section: certificates of the load
    /// balancers of AWS, Google Cloud and Azure, TLS of Traefik's routers, TLS that is passed through to the pods; and
    /// for Ingresses that only add to another one (canaries and minions of NGINX's controllers).
    ///
    /// ## Why it matters
    ///
    /// Without TLS, passwords, cookies and content cross the network in the clear, and anyone on the way can change
    /// them.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    /// spec:
    ///   rules:
    ///     - host: shop.example.com
    ///       http:
    ///         paths:
    ///           - path: /
    ///             pathType: Prefix
    ///             backend:
    ///               service:
    ///                 name: web
    ///                 port:
    ///                   name: http
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    /// spec:
    ///   tls:
    ///     - hosts: [shop.example.com]
    ///       secretName: shop-tls
    ///   rules:
    ///     - host: shop.example.com
    ///       http:
    ///         paths:
    ///           - path: /
    ///             pathType: Prefix
    ///             backend:
    ///               service:
    ///                 name: web
    ///                 port:
    ///                   name: http
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `tls` section with the hosts and the Secret that holds their certificate.
    ///
    /// ## Options
    ///
    /// - `annotations`: names of more annotations that say that TLS is handled elsewhere.
    ///
    /// ## Other tools
    ///
    /// Polaris accepts an empty `tls` list and does not look at the hosts.
    ///
    /// ## References
    ///
    /// - [Ingress: TLS](https://kubernetes.io/docs/concepts/services-networking/ingress/#tls)
    tags: &["security", "external/cwe/cwe-319"],
    security_severity: Some("5.9"),
    precision: High,
    aliases: &["tlsSettingsMissing"],
    references: &["https://kubernetes.io/docs/concepts/services-networking/ingress/#tls"],
    options: &[OptionSpec::texts(
        "annotations",
        &[],
        "Names of more annotations that say that TLS is handled elsewhere.",
    )],
    checks: &[Object(&["Ingress"], ingress)],
}

/// Annotations that name a certificate outside of the section.
const CERTIFICATES: [&str; 8] = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/certmap",
    "networking.gke.io/managed-certificates",
    "route.openshift.io/termination",
    "service.beta.kubernetes.io/aws-load-balancer-ssl-cert",
    "traefik.ingress.kubernetes.io/router.tls.certresolver",
];

/// Annotations that matter with a certain value, in lower case.
const SETTINGS: [(&str, &str); 9] = [
    ("alb.ingress.kubernetes.io/listen-ports", "https"),
    ("haproxy-ingress.github.io/ssl-passthrough", "true"),
    ("haproxy.org/ssl-passthrough", "true"),
    ("ingress.kubernetes.io/ssl-passthrough", "true"),
    ("nginx.ingress.kubernetes.io/canary", "true"),
    ("nginx.ingress.kubernetes.io/ssl-passthrough", "true"),
    ("nginx.org/mergeable-ingress-type", "minion"),
    ("traefik.ingress.kubernetes.io/router.entrypoints", "websecure"),
    ("traefik.ingress.kubernetes.io/router.tls", "true"),
];

fn ingress(ingress: &Object, report: &mut Report) {
    let is_kubernetes = matches!(ingress.group(), "networking.k8s.io" | "extensions");
    if !is_kubernetes || ingress.at(&["spec"]).is_none() || is_handled_elsewhere(*ingress, report) {
        return;
    }
    let tls = ingress.at(&["spec", "tls"]);
    let Some(entries) = tls.filter(|tls| tls.children().next().is_some()) else {
        if tls.is_none_or(|tls| tls.kind() == Kind::Sequence) {
            let finding = report.finding(ingress.anchor(&["spec", "tls"]), format!("{} has no TLS", ingress.title()));
            if tls.is_some() {
                finding.aliases(&[]);
            }
        }
        return;
    };
    if entries.items().any(holds_every_host) {
        return;
    }
    for host in ingress.at(&["spec", "rules"]).into_iter().flat_map(Node::items).filter_map(|rule| rule.get("host")) {
        let Some(name) = host.text() else { continue };
        if !entries.items().flat_map(hosts).any(|entry| covers(entry, name)) {
            let message = format!("the host `{name}` of {} has no TLS", ingress.title());
            report.finding(host, message).aliases(&[]);
        }
    }
}

fn is_handled_elsewhere(ingress: Object<'_>, report: &Report<'_>) -> bool {
    let Some(annotations) = ingress.at(&["metadata", "annotations"]) else { return false };
    let says = |(key, value): (&str, Node<'_>)| {
        let text = value.value().unwrap_or_default().to_ascii_lowercase();
        CERTIFICATES.contains(&key)
            || SETTINGS.iter().any(|&(name, word)| name == key && text.contains(word))
            || report.options().texts("annotations").any(|name| name == key)
    };
    annotations.entries().any(says)
}

/// Whether an entry is for all hosts, or is not what it should be.
fn holds_every_host(entry: Node<'_>) -> bool {
    hosts(entry).next().is_none()
}

fn hosts(entry: Node<'_>) -> impl Iterator<Item = &str> {
    entry.get("hosts").into_iter().flat_map(Node::items).filter_map(Node::text)
}

/// Whether a host of the section stands for a host of a rule.
fn covers(entry: &str, host: &str) -> bool {
    let below = entry.strip_prefix('*').filter(|domain| domain.starts_with('.'));
    let is_below = |domain: &str| host.split_once('.').is_some_and(|(_, parent)| parent == &domain[1..]);
    entry.eq_ignore_ascii_case(host) || below.is_some_and(is_below)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(annotations: &str, spec: &str) -> Vec<String> {
        let head = "apiVersion: networking.k8s.io/v1\nkind: Ingress\n";
        manifest(&RULE, &format!("{head}metadata: {{name: shop, annotations: {{{annotations}}}}}\nspec:\n  {spec}\n"))
    }

    #[test]
    fn hosts_with_tls_are_accepted() {
        for tls in ["[{hosts: [a.example]}]", "[{secretName: default}]", "[{hosts: [b.example, A.example]}]", "web"] {
            assert_eq!(flagged("", &format!("tls: {tls}\n  rules: [{{host: a.example}}]")), [""; 0], "{tls}");
        }
        assert_eq!(flagged("", "tls: [{hosts: [\"*.example.com\"]}]\n  rules: [{host: a.example.com}]"), [""; 0]);
        assert_eq!(flagged("", "tls: [{hosts: [a.example]}]\n  rules: [{http: {}}]"), [""; 0]);
    }

    #[test]
    fn tls_that_is_handled_elsewhere_is_accepted() {
        for annotation in [
            "alb.ingress.kubernetes.io/certificate-arn: 'arn:aws:acm:…'",
            "alb.ingress.kubernetes.io/listen-ports: '[{\"HTTPS\": 443}]'",
            "traefik.ingress.kubernetes.io/router.tls: \"true\"",
            "nginx.ingress.kubernetes.io/ssl-passthrough: \"true\"",
        ] {
            assert_eq!(flagged(annotation, "rules: [{host: a.example}]"), [""; 0], "{annotation}");
        }
        let trial = Trial::with(&RULE, r#"{"annotations": ["acme.example/tls"]}"#);
        let text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {annotations: {acme.example/tls: edge}}\nspec: {}\n";
        assert_eq!(trial.manifest(text), [""; 0]);
    }

    #[test]
    fn an_ingress_of_another_group_is_another_thing() {
        let text = "apiVersion: config.openshift.io/v1\nkind: Ingress\nmetadata: {name: cluster}\nspec: {}\n";
        assert_eq!(manifest(&RULE, text), [""; 0]);
    }

    #[test]
    fn no_section_is_flagged() {
        assert_eq!(flagged("", "rules: [{host: a.example}]"), ["spec"]);
        assert_eq!(flagged("", "tls: []\n  rules: [{host: a.example}]"), ["tls"]);
        assert_eq!(flagged("traefik.ingress.kubernetes.io/router.tls: \"false\"", "rules: []"), ["spec"]);
        assert_eq!(flagged("", "defaultBackend: {service: {name: web}}"), ["spec"]);
    }

    #[test]
    fn hosts_outside_of_the_section_are_flagged() {
        let section = "tls: [{hosts: [a.example, \"*.example.com\"]}]\n  rules:";
        assert_eq!(flagged("", &format!("{section} [{{host: a.example}}, {{host: b.example}}]")), ["b.example"]);
        assert_eq!(flagged("", &format!("{section} [{{host: x.y.example.com}}]")), ["x.y.example.com"]);
        assert_eq!(flagged("", &format!("{section} [{{host: example.com}}]")), ["example.com"]);
    }
}
