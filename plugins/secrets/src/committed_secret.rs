use hullmark_sdk::prelude::*;

use crate::secret_text::{decoded, is_private_key, is_secret_name, is_stand_in, may_be_secret, names_a_secret};

rule! {
    /// A Secret stands in the repository with its values.
    ///
    /// ## What it checks
    ///
    /// Secrets with an entry in `data` or `stringData` that is not empty and not filled in later (`${PASSWORD}`, `<password>`).
    /// Base64 is no protection, so it is read. A file of several lines, such as `alertmanager.yaml` or `tls.crt`, is accepted
    /// where no line of it sets a secret or begins a private key. A token of an account, which Kubernetes fills in itself, has
    /// no entries.
    ///
    /// ## Why it matters
    ///
    /// Everyone who can read the repository, a fork or a backup of it has the values, and the history keeps them after the file
    /// is gone.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: web
    /// stringData:
    ///   password: correct-horse
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: web
    /// stringData:
    ///   password: ${PASSWORD}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Keep the values in a secret store and let an operator make the Secret (External Secrets, Sealed Secrets), or encrypt the
    /// file with SOPS. A value that has been in a repository must be replaced.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/security/secrets-good-practices/>
    tags: &["security", "external/cwe/cwe-312", "external/cwe/cwe-798"],
    security_severity: Some("7.5"),
    precision: Medium,
    references: &["https://kubernetes.io/docs/concepts/security/secrets-good-practices/"],
    checks: &[Object(&["Secret"], secret)],
}

fn secret(secret: &Object, report: &mut Report) {
    // SOPS writes `sops` beside the values that it has encrypted.
    if !secret.group().is_empty() || secret.at(&["sops"]).is_some() {
        return;
    }
    let plain = secret.at(&["stringData"]).into_iter().flat_map(Node::entries);
    let encoded = secret.at(&["data"]).into_iter().flat_map(Node::entries);
    let found: Vec<(&str, Node)> = encoded
        .filter(|(key, value)| value.text().is_some_and(|text| is_encoded_secret(key, text)))
        .chain(plain.filter(|(key, value)| value.text().is_some_and(|text| is_secret(key, text))))
        .collect();
    // Beside a password, the name of the user is of no interest.
    let named = found.iter().find(|(key, _)| is_secret_name(&key.to_ascii_lowercase()));
    if let Some((key, value)) = named.or(found.first()) {
        report.finding(value.key_place(), format!("{} carries the value of `{key}`", secret.title()));
    }
}

/// The same for what stands in Base64. What is no text when it is decoded may well be a secret.
fn is_encoded_secret(key: &str, text: &str) -> bool {
    if is_stand_in(text) {
        return false;
    }
    match decoded(text) {
        Some(bytes) => String::from_utf8(bytes).ok().is_none_or(|text| is_secret(key, &text)),
        None => may_be_secret(text),
    }
}

fn is_secret(key: &str, text: &str) -> bool {
    // A leading dot is that of `.dockerconfigjson`.
    let is_file = key.trim_start_matches('.').contains('.') && text.trim().lines().count() > 1;
    if is_file {
        return is_private_key(text) || text.lines().any(names_a_secret);
    }
    !text.trim().is_empty() && may_be_secret(text)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(fields: &str) -> Vec<String> {
        manifest(&RULE, &format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\n{fields}\n"))
    }

    #[test]
    fn what_is_not_there_yet_is_accepted() {
        assert_eq!(flagged("type: kubernetes.io/service-account-token"), [""; 0]);
        assert_eq!(flagged("data: {a: '', b: '${B}', c: <c>, d: '{{ d }}'}"), [""; 0]);
        assert_eq!(flagged("data: {a: 'ENC[AES256_GCM]'}\nsops: {version: 3.9.0}"), [""; 0]);
    }

    #[test]
    fn files_without_secrets_are_accepted() {
        assert_eq!(flagged(r#"stringData: {grafana.ini: "[dates]\nzone = UTC\n"}"#), [""; 0]);
        assert_eq!(flagged(r#"stringData: {a.yaml: "password_file: /run/a\ntoken: ${TOKEN}\n"}"#), [""; 0]);
        // -----BEGIN CERTIFICATE-----, and a line below.
        assert_eq!(flagged("data: {tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCmFiYwo=}"), [""; 0]);
        // <password>
        assert_eq!(flagged("data: {password: PHBhc3N3b3JkPg==}"), [""; 0]);
    }

    #[test]
    fn files_with_secrets_are_flagged() {
        assert_eq!(flagged(r#"stringData: {a.ini: "user = a\npassword = 'horse'\n"}"#), ["a.ini"]);
        assert_eq!(flagged(r#"stringData: {a.yaml: "a: b\nurl: https://web:horse@db.shop.eu\n"}"#), ["a.yaml"]);
        assert_eq!(
            flagged(r#"stringData: {auth: "a:b\nc:d\n", tls.key: "-----BEGIN PRIVATE KEY-----\nab\n"}"#),
            ["auth"]
        );
        assert_eq!(flagged("data: {username: YQ==, password: Yg==}"), ["password"]);
    }

    #[test]
    fn a_value_is_flagged_once() {
        assert_eq!(flagged("data: {a: Yg==, c: ZA==}"), ["a"]);
        assert_eq!(flagged("stringData: {c: \"d e f\"}"), ["c"]);
    }
}
