use hullmark_sdk::prelude::*;

use crate::secret_text::{is_private_key, is_secret_name, may_be_secret};

rule! {
    /// A container is given a secret as a plain value of a variable.
    ///
    /// ## What it checks
    ///
    /// Variables with a `value` in `env` of containers whose name ends in a word for a secret, parted by `_`: `PASSWORD`, `PASSWD`,
    /// `SECRET`, `TOKEN`, `APIKEY`, `API_KEY`, `ACCESS_KEY`, `SECRET_KEY`, `PRIVATE_KEY`; and whatever holds a private key. A value that
    /// is empty, a path, an address without a password, a yes or no, a number of one or two digits, or made of other variables
    /// (`$(OTHER)`) or of placeholders is accepted.
    ///
    /// ## Why it matters
    ///
    /// Who may look at the workload, or at the repository and its history, has the secret. It shows up in `kubectl describe`, in
    /// dashboards and in the audit log.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       env:
    ///         - name: DB_PASSWORD
    ///           value: correct-horse
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       env:
    ///         - name: DB_PASSWORD
    ///           valueFrom:
    ///             secretKeyRef:
    ///               name: web
    ///               key: password
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the secret into a Secret that is not kept in the repository, and refer to it with `secretKeyRef`. A secret that has
    /// been in a repository must be replaced.
    ///
    /// ## Options
    ///
    /// - `parts` (default: none): texts that make any name with them the name of a secret, whatever their case and whatever the value.
    ///
    /// ## Other tools
    ///
    /// kube-linter takes every name with `secret` in it for one, Polaris also `password`, `token` and `bearer`, whatever the value.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables>
    tags: &["security", "external/cwe/cwe-312", "external/cwe/cwe-798"],
    security_severity: Some("7.5"),
    precision: Medium,
    aliases: &["env-var-secret", "sensitiveContainerEnvVar"],
    references: &["https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables"],
    fragments: true,
    options: &[OptionSpec::texts(
        "parts",
        &[],
        "texts that make any name with them the name of a secret, whatever their case and whatever the value",
    )],
    checks: &[Container(container)],
}

/// What Polaris takes for a secret wherever it stands in a name.
const PARTS: [&str; 5] = ["aws_secret_access_key", "password", "token", "bearer", "secret"];

fn container(container: &Container, report: &mut Report) {
    for variable in container.get("env").into_iter().flat_map(Node::items) {
        let (Some(name), Some(value)) = (variable.get("name").and_then(Node::text), variable.get("value")) else {
            continue;
        };
        let Some(text) = value.text() else { continue };
        let lower = name.to_ascii_lowercase();
        let is_key = is_private_key(text);
        let is_asked = report.options().texts("parts").any(|part| lower.contains(&part.to_ascii_lowercase()));
        let is_secret = is_secret_name(&lower) && may_be_secret(text);
        if text.is_empty() || !(is_key || is_asked || is_secret) {
            continue;
        }
        let message = format!("variable `{name}` of {} holds a secret in plain text", container.title());
        // The value is not repeated, and its place tells enough.
        report.finding(value, message).aliases_if(&[
            ("env-var-secret", lower.contains("secret")),
            ("sensitiveContainerEnvVar", is_key || PARTS.iter().any(|part| lower.contains(part))),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(variable: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: a, env: [{{{variable}}}]}}]}}\n"
        )
    }

    fn flagged(variable: &str) -> Vec<String> {
        manifest(&RULE, &pod(variable))
    }

    #[test]
    fn other_names_are_accepted() {
        assert_eq!(flagged("name: SECRET_NAME, value: web"), [""; 0]);
        assert_eq!(flagged("name: PASSWORD_FILE, value: web"), [""; 0]);
        assert_eq!(flagged("name: PUBLIC_KEY, value: abcdef"), [""; 0]);
    }

    #[test]
    fn values_that_are_no_secret_are_accepted() {
        for value in ["''", "/run/secrets/a", "'true'", "$(OTHER)", "'${TOKEN}'", "'{{ token }}'", "<token>", "'8'"] {
            assert_eq!(flagged(&format!("name: TOKEN, value: {value}")), [""; 0], "{value}");
        }
        assert_eq!(flagged("name: TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}"), [""; 0]);
    }

    #[test]
    fn secrets_are_flagged() {
        assert_eq!(flagged("name: DB_PASSWORD, value: horse"), ["horse"]);
        assert_eq!(flagged("name: stripe_api_key, value: sk_1"), ["sk_1"]);
        assert_eq!(flagged("name: A, value: '-----BEGIN RSA PRIVATE KEY-----'"), ["'-----BEGIN RSA PRIVATE KEY-----'"]);
    }

    #[test]
    fn parts_of_names_can_be_given() {
        let trial = Trial::with(&RULE, r#"{"parts": ["secret"]}"#);
        assert_eq!(trial.manifest(&pod("name: SECRET_NAME, value: web")), ["web"]);
    }
}
