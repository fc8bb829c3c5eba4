use hullmark_sdk::prelude::*;

use crate::accounts::{account, mounts_token};

rule! {
    /// The pod gets a token for the API server that nobody asked for.
    ///
    /// ## What it checks
    ///
    /// Pods that run as the default account of their namespace without a word on `automountServiceAccountToken`, neither in the
    /// pod nor in the `default` ServiceAccount of the project. A pod with an account of its own is taken to need it.
    ///
    /// ## Why it matters
    ///
    /// Without a word Kubernetes mounts the token into every container. Who breaks into one has an account of the cluster, to
    /// look around with and to use what rights it is ever given. Most programs never speak to the API server.
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
    ///   automountServiceAccountToken: false
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    /// ```
    ///
    /// ## How to fix
    ///
    /// Say `automountServiceAccountToken: false` in the pod or in the ServiceAccount. Name an account in `serviceAccountName` if the
    /// pod does speak to the API server.
    ///
    /// ## Options
    ///
    /// - `every` (default `false`): report every pod that gets a token, also with an account of its own and where
    ///   `automountServiceAccountToken: true` asks for it.
    ///
    /// ## Other tools
    ///
    /// Polaris and Checkov report every pod that gets a token (`every`); Checkov does not look at the ServiceAccount. Trivy
    /// reports only a Pod that asks for it.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting>
    level: Note,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("3.5"),
    precision: Medium,
    aliases: &["automountServiceAccountToken", "KSV-0036", "CKV_K8S_38"],
    references: &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
    ],
    options: &[OptionSpec::flag(
        "every",
        false,
        "whether to report every pod that gets a token, also with an account of its own and where it is asked for",
    )],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let every = report.options().flag("every");
    for pod in project.pods().iter().filter_map(|entry| project.load(entry)) {
        let asked = pod.get("automountServiceAccountToken");
        let has_own = account(pod).is_some_and(|account| !matches!(account.text(), Some("" | "default")));
        if !every && (asked.is_some() || has_own) || !mounts_token(project, pod) {
            continue;
        }
        let place = asked.map_or_else(|| pod.anchor(&["automountServiceAccountToken"]), Node::place);
        let message = format!("{} gets a token for the API server", pod.object().title());
        report.finding(place, message).aliases_if(&[
            ("automountServiceAccountToken", true),
            ("KSV-0036", asked.is_some() && pod.object().kind() == Some("Pod")),
            ("CKV_K8S_38", true),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop}}\nspec: {{{spec}}}\n")
    }

    fn account(name: &str, namespace: &str) -> String {
        format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}, namespace: {namespace}}}\nautomountServiceAccountToken: false\n---\n"
        )
    }

    #[test]
    fn a_pod_that_says_what_it_wants_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("automountServiceAccountToken: false")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("automountServiceAccountToken: true")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("serviceAccountName: web")), [""; 0]);
    }

    #[test]
    fn the_account_may_say_it() {
        assert_eq!(manifest(&RULE, &(account("default", "shop") + &pod("containers: []"))), [""; 0]);
        assert_eq!(manifest(&RULE, &(account("default", "bank") + &pod("containers: []"))), ["web"]);
    }

    #[test]
    fn nothing_said_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: []")), ["web"]);
        assert_eq!(manifest(&RULE, &pod("serviceAccountName: default")), ["web"]);
    }

    #[test]
    fn every_token_can_be_asked_for() {
        let trial = Trial::with(&RULE, r#"{"every": true}"#);
        assert_eq!(trial.manifest(&pod("automountServiceAccountToken: true")), ["true"]);
        assert_eq!(trial.manifest(&pod("serviceAccountName: web")), ["web"]);
        assert_eq!(trial.manifest(&(account("web", "shop") + &pod("serviceAccountName: web"))), [""; 0]);
    }
}
