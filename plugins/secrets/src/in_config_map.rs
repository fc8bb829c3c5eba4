use hullmark_sdk::prelude::*;

use crate::secret_text::{is_private_key, is_secret_name, may_be_secret};

rule! {
    /// A ConfigMap holds a secret.
    ///
    /// ## What it checks
    ///
    /// Entries of `data` whose key is the name of a secret, as `secrets/plain-env-value` knows them, and entries that hold a private
    /// key. A value that is empty, of several lines, a path, an address without a password, a yes or no, or filled in later is
    /// accepted.
    ///
    /// ## Why it matters
    ///
    /// ConfigMaps are read by many who may not read Secrets: the role `view` allows it, dashboards show them, and they are not
    /// encrypted at rest where Secrets are.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   DB_PASSWORD: correct-horse
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   DB_HOST: db
    ///   DB_PASSWORD_FILE: /run/secrets/password
    /// ```
    ///
    /// ## How to fix
    ///
    /// Move the entry into a Secret that is not kept in the repository. A secret that has been in a repository must be replaced.
    ///
    /// ## Options
    ///
    /// - `parts` (default: none): texts that make any key with them the name of a secret, whatever their case and whatever the
    ///   value.
    ///
    /// ## Other tools
    ///
    /// Polaris and Trivy look for `password`, `secret` or `token` anywhere in a key, whatever the value. Trivy's findings on files
    /// such as `password_validation.py` are left out.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/configmap/>
    tags: &["security", "external/cwe/cwe-312", "external/cwe/cwe-798"],
    security_severity: Some("7.5"),
    precision: Medium,
    aliases: &["sensitiveConfigmapContent", "KSV-0109"],
    references: &["https://kubernetes.io/docs/concepts/configuration/configmap/"],
    fragments: true,
    options: &[OptionSpec::texts(
        "parts",
        &[],
        "texts that make any key with them the name of a secret, whatever their case and whatever the value",
    )],
    checks: &[Object(&["ConfigMap"], config_map)],
}

/// What Polaris and Trivy take for a secret wherever it stands in a key.
const PARTS: [&str; 3] = ["password", "secret", "token"];

fn config_map(map: &Object, report: &mut Report) {
    if !map.group().is_empty() {
        return;
    }
    for (key, value) in map.at(&["data"]).into_iter().flat_map(Node::entries) {
        let Some(text) = value.text().filter(|text| !text.is_empty()) else { continue };
        let lower = key.to_ascii_lowercase();
        let is_key = is_private_key(text);
        let is_one_line = text.trim_end().lines().count() == 1;
        let is_named = is_secret_name(&lower) && is_one_line && may_be_secret(text);
        let is_asked = report.options().texts("parts").any(|part| lower.contains(&part.to_ascii_lowercase()));
        if !(is_key || is_named || is_asked) {
            continue;
        }
        let has_part = PARTS.iter().any(|part| lower.contains(part));
        let message = format!("{} holds a secret as `{key}`", map.title());
        report.finding(value.key_place(), message).aliases_if(&[
            ("sensitiveConfigmapContent", is_key || has_part || lower.contains("bearer")),
            ("KSV-0109", has_part || lower.contains("passwd")),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn map(data: &str) -> String {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{{data}}}\n")
    }

    fn flagged(data: &str) -> Vec<String> {
        manifest(&RULE, &map(data))
    }

    #[test]
    fn what_is_no_secret_is_accepted() {
        assert_eq!(flagged("password_validation.py: x, TOKEN_URL: y, secret-name: z"), [""; 0]);
        assert_eq!(flagged("password: '', token: /run/token, secret: \"a\\nb\\n\""), [""; 0]);
    }

    #[test]
    fn secrets_are_flagged() {
        assert_eq!(flagged("db.password: horse"), ["db.password"]);
        assert_eq!(flagged("tls.pem: \"-----BEGIN PRIVATE KEY-----\\nab\\n\""), ["tls.pem"]);
    }

    #[test]
    fn parts_of_keys_can_be_given() {
        let trial = Trial::with(&RULE, r#"{"parts": ["secret"]}"#);
        assert_eq!(trial.manifest(&map("SECRET_NAME: web, other: web, old-secret: ''")), ["SECRET_NAME"]);
    }
}
