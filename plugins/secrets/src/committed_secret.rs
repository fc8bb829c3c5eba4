use hullmark_sdk::prelude::*;

use crate::secret_text::may_be_secret;

rule! {
    /// A Secret stands in the repository with its values.
    ///
    /// ## What it checks
    ///
    /// Secrets with an entry in `data` or `stringData` that is not empty and not filled in later (`${PASSWORD}`, `<password>`). Base64
    /// is no protection. A token of an account, which Kubernetes fills in itself, has no entries.
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
    let entries = ["data", "stringData"].iter().filter_map(|field| secret.at(&[field])).flat_map(Node::entries);
    for (key, value) in entries {
        if value.text().is_some_and(|text| !text.trim().is_empty() && may_be_secret(text)) {
            report.finding(value.key_place(), format!("{} carries the value of `{key}`", secret.title()));
            return;
        }
    }
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
    fn a_value_is_flagged_once() {
        assert_eq!(flagged("data: {a: Yg==, c: ZA==}"), ["a"]);
        assert_eq!(flagged("stringData: {c: \"d e f\"}"), ["c"]);
    }
}
