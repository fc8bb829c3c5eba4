use hullmark_sdk::prelude::*;

rule! {
    /// An annotation of the Ingress writes into the configuration of the controller what can run code there or read its
    /// files.
    ///
    /// ## What it checks
    ///
    /// Annotations of Ingresses whose key contains `snippet`, such as
    /// `nginx.ingress.kubernetes.io/server-snippet`: NGINX takes their text over as it stands. Those are reported that
    /// hold Lua code, or a directive that serves files of the controller (`alias`, `root`), or a path of its token.
    ///
    /// ## Why it matters
    ///
    /// The controller serves every Ingress of the cluster and may read every Secret. A snippet that runs code or reads
    /// files there gives these rights to whoever can write the Ingress (CVE-2021-25742).
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: networking.k8s.io/v1
    /// kind: Ingress
    /// metadata:
    ///   name: shop
    ///   annotations:
    ///     nginx.ingress.kubernetes.io/server-snippet: |
    ///       location /files {
    ///         alias /var/run;
    ///       }
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
    ///     nginx.ingress.kubernetes.io/rewrite-target: /$2
    /// spec:
    ///   ingressClassName: nginx
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use the annotations that the controller has for single settings, or serve the files from a pod of their own. Forbid
    /// snippets in the controller (`allow-snippet-annotations: "false"`).
    ///
    /// ## Options
    ///
    /// - `any`: report every snippet. By default `false`.
    ///
    /// ## Other tools
    ///
    /// Checkov reports every snippet, by three checks: for any text (CKV_K8S_153), for Lua or `kubernetes.io`
    /// (CKV_K8S_152) and for the word `alias` (CKV_K8S_154).
    ///
    /// ## References
    ///
    /// - [CVE-2021-25742](https://github.com/kubernetes/ingress-nginx/issues/7837)
    tags: &["security", "external/cwe/cwe-94"],
    security_severity: Some("7.1"),
    precision: High,
    aliases: &["CKV_K8S_152", "CKV_K8S_153", "CKV_K8S_154"],
    references: &["https://github.com/kubernetes/ingress-nginx/issues/7837"],
    fragments: true,
    options: &[OptionSpec::flag("any", false, "Report every snippet.")],
    checks: &[Object(&["Ingress"], ingress)],
}

fn ingress(ingress: &Object, report: &mut Report) {
    for (key, snippet) in ingress.at(&["metadata", "annotations"]).into_iter().flat_map(Node::entries) {
        let Some(text) = snippet.text().filter(|_| key.contains("snippet")) else { continue };
        let harm = harm(text);
        let what = match harm {
            Some(harm) => harm,
            None if report.options().flag("any") => "writes into the configuration of the controller",
            None => continue,
        };
        let message = format!("the snippet of {} {what}", ingress.title());
        report.finding(snippet.key_place(), message).aliases_if(&[
            ("CKV_K8S_152", ["lua_", "_lua", "kubernetes.io"].iter().any(|part| text.contains(part))),
            ("CKV_K8S_153", true),
            ("CKV_K8S_154", text.contains("alias")),
        ]);
    }
}

/// What a snippet does that harms the controller.
fn harm(text: &str) -> Option<&'static str> {
    let code = text.lines().filter_map(|line| line.split('#').next());
    let words: Vec<&str> =
        code.flat_map(|line| line.split(|letter: char| letter.is_whitespace() || ";{}".contains(letter))).collect();
    if words.iter().any(|word| word.starts_with("lua_") || word.contains("_by_lua")) {
        return Some("runs Lua code in the controller");
    }
    let serves_files = |word: &&str| matches!(*word, "alias" | "root") || word.contains("/var/run/secrets");
    words.iter().any(serves_files).then_some("serves files of the controller")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn ingress(annotation: &str) -> String {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\n  annotations:\n    {annotation}\n"
        )
    }

    #[test]
    fn other_annotations_are_accepted() {
        assert_eq!(manifest(&RULE, &ingress("nginx.ingress.kubernetes.io/rewrite-target: /alias")), [""; 0]);
        assert_eq!(manifest(&RULE, &ingress("nginx.org/server-snippets: [alias]")), [""; 0]);
    }

    #[test]
    fn snippets_that_only_set_something_are_flagged_if_asked_for() {
        for text in ["gzip on; # no alias", "add_header X-Root alias-1;", "set $root /;"] {
            assert_eq!(manifest(&RULE, &ingress(&format!("nginx.org/server-snippets: '{text}'"))), [""; 0], "{text}");
        }
        let found = Trial::with(&RULE, r#"{"any": true}"#).manifest(&ingress("nginx.org/server-snippets: gzip on;"));
        assert_eq!(found, ["nginx.org/server-snippets"]);
    }

    #[test]
    fn code_and_files_are_flagged() {
        for text in ["content_by_lua_block { }", "location / { alias /etc/; }", "root /;", "lua_code_cache off;"] {
            let found = manifest(&RULE, &ingress(&format!("nginx.org/location-snippets: '{text}'")));
            assert_eq!(found, ["nginx.org/location-snippets"], "{text}");
        }
    }
}
