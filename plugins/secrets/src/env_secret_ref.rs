use hullmark_sdk::prelude::*;

rule! {
    /// A container takes a secret into its environment instead of mounting it.
    ///
    /// ## What it checks
    ///
    /// `secretKeyRef` in `env` and `secretRef` in `envFrom` of containers. The rule is off unless it is selected: many programs read
    /// their secrets from the environment only, and that is far better than a plain value.
    ///
    /// ## Why it matters
    ///
    /// The environment is inherited by every process that the container starts, ends up in crash reports and logs, and does not
    /// change when the Secret does.
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
    ///           valueFrom:
    ///             secretKeyRef:
    ///               name: web
    ///               key: password
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
    ///       volumeMounts:
    ///         - name: password
    ///           mountPath: /run/secrets
    ///           readOnly: true
    ///   volumes:
    ///     - name: password
    ///       secret:
    ///         secretName: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Mount the Secret as a volume and let the program read the file.
    ///
    /// ## Other tools
    ///
    /// kube-linter looks at `env` only. Checkov reports a container once, and passes over ephemeral ones.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod>
    enabled: false,
    tags: &["security", "external/cwe/cwe-526"],
    security_severity: Some("3.0"),
    aliases: &["read-secret-from-env-var", "CKV_K8S_35"],
    references: &["https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod"],
    fragments: true,
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    let mut is_first = container.role() != Role::Ephemeral;
    let paths: [(&str, &[&str]); 2] = [("env", &["valueFrom", "secretKeyRef"]), ("envFrom", &["secretRef"])];
    for (field, path) in paths {
        for entry in container.get(field).into_iter().flat_map(Node::items) {
            let Some(reference) = entry.at(path) else { continue };
            let message = format!("{} takes a secret into its environment", container.title());
            report
                .finding(reference.key_place(), message)
                .aliases_if(&[("read-secret-from-env-var", field == "env"), ("CKV_K8S_35", is_first)]);
            is_first = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(fields: &str) -> Vec<String> {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, ";
        manifest(&RULE, &format!("{pod}{fields}}}]}}\n"))
    }

    #[test]
    fn other_sources_are_accepted() {
        assert_eq!(flagged("env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: b}}}]"), [""; 0]);
        assert_eq!(flagged("envFrom: [{configMapRef: {name: a}}]"), [""; 0]);
    }

    #[test]
    fn secrets_are_flagged() {
        assert_eq!(flagged("env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]"), ["secretKeyRef"]);
        assert_eq!(flagged("envFrom: [{secretRef: {name: a}}]"), ["secretRef"]);
    }
}
