use hullmark_sdk::prelude::*;

rule! {
    /// An annotation of the Ingress breaks out of the place that it has in the configuration of NGINX.
    ///
    /// ## What it checks
    ///
    /// The annotations `auth-url`, `auth-tls-match-cn`, `mirror-target` and `mirror-host` of ingress-nginx, which it copies
    /// into its configuration: a line end in the middle, `;`, a brace or a double quote ends the directive there; in
    /// the first and the last two, so does any other character that no address can hold, and in `auth-tls-match-cn` a
    /// `#`.
    ///
    /// ## Why it matters
    ///
    /// In releases before 1.11.5 and 1.12.1 such an annotation puts directives of its own into the configuration, and so
    /// runs code in the controller, which may read every Secret of the cluster (CVE-2025-1097, CVE-2025-1098,
    /// CVE-2025-24514). Later ones refuse it.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    ///   annotations:
    ///     nginx.ingress.kubernetes.io/auth-url: "https://auth.example.com/;load_module /tmp/x.so;"
    /// spec:
    ///   ingressClassName: nginx
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    ///   annotations:
    ///     nginx.ingress.kubernetes.io/auth-url: "https://auth.example.com/check?from=$host"
    /// spec:
    ///   ingressClassName: nginx
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the address alone, with other characters percent-encoded.
    ///
    /// ## Other tools
    ///
    /// Trivy looks at Ingresses with `ingressClassName: nginx` only, needs `http://` or `https://` (or `CN=`) before the
    /// character, and also reports `|` in `auth-tls-match-cn`, where it separates the names that are accepted.
    ///
    /// ## References
    ///
    /// - [CVE-2025-24514](https://github.com/kubernetes/kubernetes/issues/131006)
    /// - [CVE-2025-1097](https://github.com/kubernetes/kubernetes/issues/131007)
    /// - [CVE-2025-1098](https://github.com/kubernetes/kubernetes/issues/131008)
    level: Error,
    tags: &["security", "external/cwe/cwe-94"],
    security_severity: Some("8.8"),
    precision: High,
    aliases: &["KCV-0093"],
    references: &[
        "https://github.com/kubernetes/kubernetes/issues/131006",
        "https://github.com/kubernetes/kubernetes/issues/131007",
        "https://github.com/kubernetes/kubernetes/issues/131008",
    ],
    fragments: true,
    checks: &[Object(&["Ingress"], ingress)],
}

/// Characters that end a directive, whatever stands around them.
const ENDING: &str = "\r\n;{}\"";

/// Others that no address can hold.
const NOT_IN_ADDRESSES: &str = "<>|^`\\";

fn ingress(ingress: &Object, report: &mut Report) {
    for (key, annotation) in ingress.at(&["metadata", "annotations"]).into_iter().flat_map(Node::entries) {
        let Some(name) = key.strip_prefix("nginx.ingress.kubernetes.io/") else { continue };
        let others = match name {
            "auth-url" | "mirror-target" | "mirror-host" => NOT_IN_ADDRESSES,
            "auth-tls-match-cn" => "#",
            _ => continue,
        };
        let Some(value) = annotation.text() else { continue };
        let is_breaking = |letter| ENDING.contains(letter) || others.contains(letter);
        // A block scalar ends in a line end.
        if let Some(letter) = value.trim_end().chars().find(|&letter| is_breaking(letter)) {
            let letter = letter.escape_default();
            let message =
                format!("`{name}` of {} holds `{letter}`, which breaks out of NGINX's directive", ingress.title());
            report.finding(annotation, message).aliases_if(&[("KCV-0093", is_seen_by_trivy(*ingress, value))]);
        }
    }
}

/// Whether Trivy reports it: its class is `nginx`, and the character follows the beginning of an address or a name.
fn is_seen_by_trivy(ingress: Object<'_>, value: &str) -> bool {
    let is_nginx = |class: &str| class.eq_ignore_ascii_case("nginx");
    let class = ingress.at(&["spec", "ingressClassName"]).and_then(Node::text);
    let ends_address = |rest: &str| {
        let allowed = |letter: char| !letter.is_whitespace() && !"<>\"{}|^`\\".contains(letter);
        rest.trim_start_matches(allowed).starts_with(|letter: char| "\r\n<>\"{}|^`\\".contains(letter))
    };
    let follows =
        |start: &str, is_so: &dyn Fn(&str) -> bool| value.split_once(start).is_some_and(|(_, rest)| is_so(rest));
    let ends_name = |rest: &str| {
        rest.split('\n').next().is_some_and(|line| line.contains(['\r', '#', '{', '}', ';', '|']))
            || rest.contains('\n')
    };
    class.is_some_and(is_nginx)
        && (follows("http://", &ends_address) || follows("https://", &ends_address) || follows("CN=", &ends_name))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(annotation: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  annotations:\n    \
                 nginx.ingress.kubernetes.io/{annotation}\nspec: {{ingressClassName: nginx}}\n"
            ),
        )
    }

    #[test]
    fn addresses_and_names_are_accepted() {
        for annotation in [
            "auth-url: https://auth.example.com/check?from=$scheme://$host$escaped_request_uri",
            "auth-url: |\n      https://auth.example.com/",
            "auth-tls-match-cn: CN=(web|api)",
            "mirror-target: https://mirror.example.com$request_uri",
            "mirror-host: mirror.example.com",
            "auth-signin: https://a.example/;x",
            "auth-url: [\"{\"]",
        ] {
            assert_eq!(flagged(annotation), [""; 0], "{annotation}");
        }
    }

    #[test]
    fn what_breaks_out_is_flagged() {
        for (annotation, token) in [
            ("auth-url: 'https://a.example/;load_module x;'", "'https://a.example/;load_module x;'"),
            ("auth-tls-match-cn: 'CN=abc #(}'", "'CN=abc #(}'"),
            ("mirror-target: 'https://a.example/}'", "'https://a.example/}'"),
            ("mirror-host: 'a;b'", "'a;b'"),
            ("auth-url: 'http://a.example/`x`'", "'http://a.example/`x`'"),
        ] {
            assert_eq!(flagged(annotation), [token]);
        }
    }
}
