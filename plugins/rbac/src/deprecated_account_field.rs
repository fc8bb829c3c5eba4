use hullmark_sdk::prelude::*;

rule! {
    /// The pod names its account in a field that is deprecated.
    ///
    /// ## What it checks
    ///
    /// `serviceAccount` of a pod: alone, or beside another name in `serviceAccountName`. Kubernetes itself writes both with
    /// the same name, which is accepted.
    ///
    /// ## Why it matters
    ///
    /// Of two names the new field counts, so the pod runs as another account than one reader thinks. A later version may pass
    /// over the old field.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   serviceAccount: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
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
    ///   serviceAccountName: web
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `serviceAccountName`, and take `serviceAccount` away.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context>
    tags: &["correctness"],
    aliases: &["deprecated-service-account-field"],
    references: &[
        "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#security-context",
    ],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    let Some(old) = pod.get("serviceAccount").filter(|old| old.text().is_some_and(|name| !name.is_empty())) else {
        return;
    };
    let title = pod.object().title();
    match pod.get("serviceAccountName") {
        Some(new) if new.value() == old.value() => {}
        Some(new) => {
            let message = format!(
                "{title} names the account `{}` in the deprecated `serviceAccount`, which does not count",
                old.text().unwrap_or_default()
            );
            report.finding(old, message).related(new, "the name that counts");
        }
        None => {
            let message = format!("{title} names its account in `serviceAccount`, which is deprecated");
            let finding = report.finding(old.key_place(), message);
            if old.alias().is_none() {
                finding.fix(Fix::safe("use `serviceAccountName`").replace(old.key_place(), "serviceAccountName"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}, containers: []}}\n"),
        )
    }

    #[test]
    fn the_new_field_is_accepted() {
        assert_eq!(flagged("serviceAccountName: web"), [""; 0]);
        assert_eq!(flagged("serviceAccountName: web, serviceAccount: web"), [""; 0]);
        assert_eq!(flagged("serviceAccount: ''"), [""; 0]);
    }

    #[test]
    fn the_old_field_is_flagged() {
        assert_eq!(flagged("serviceAccount: web"), ["serviceAccount"]);
        assert_eq!(flagged("serviceAccountName: web, serviceAccount: old"), ["old"]);
    }
}
