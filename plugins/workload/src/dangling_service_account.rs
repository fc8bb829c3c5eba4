use hullmark_sdk::prelude::*;

use crate::definitions::{COMPLETE, Definitions, EXISTING};

rule! {
    /// The pod runs as an account that does not exist.
    ///
    /// ## What it checks
    ///
    /// `serviceAccountName` of pods, and `serviceAccount`, its old name, where it stands alone. An account that the project
    /// does not hold is reported where it holds others of the same namespace, or in the same folder where a namespace is not
    /// written. The account `default` is in every namespace.
    ///
    /// It keeps silent where a custom resource or an annotation holds the name, since somebody else may make the account.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses every pod that names an account which is not there: the Deployment is accepted, and no pod
    /// comes.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: web
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   serviceAccountName: wed
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: ServiceAccount
    /// metadata:
    ///   name: web
    /// ---
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
    /// Name an account that exists, or add the one that is missing.
    ///
    /// ## Options
    ///
    /// - `existing` (default: empty): names of accounts that are in the cluster though the project does not hold them; `*`
    ///   stands for anything.
    /// - `complete` (default `false`): the project holds every account of its namespaces, so each that it does not hold is
    ///   reported.
    ///
    /// ## Other tools
    ///
    /// kube-linter takes every folder for complete.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/>
    level: Warning,
    tags: &["correctness"],
    precision: Medium,
    aliases: &["non-existent-service-account"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"],
    options: &[EXISTING, COMPLETE],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let accounts = Definitions::of(project, "ServiceAccount");
    if accounts.is_empty() && !report.options().flag("complete") {
        return;
    }
    for pod in project.pods().iter().filter_map(|entry| project.load(entry)) {
        let object = pod.object();
        let Some(account) = pod.get("serviceAccountName").or_else(|| pod.get("serviceAccount")) else { continue };
        let Some(name) = account.text().filter(|name| !matches!(*name, "" | "default")) else { continue };
        if !accounts.named(name, object.namespace()).is_empty() || !accounts.is_missing(name, object, report) {
            continue;
        }
        let message = format!("{} runs as the account `{name}`, which does not exist", object.title());
        let finding = report.finding(account, message);
        for stray in accounts.strays(name, object.namespace()) {
            finding.related(stray.name_place(), "one by that name, of another namespace");
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const ACCOUNT: &str = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n---\n";

    fn pod(account: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{serviceAccountName: {account}}}\n")
    }

    #[test]
    fn what_exists_or_may_exist_is_accepted() {
        for account in ["web", "default", "''"] {
            assert_eq!(manifest(&RULE, &(ACCOUNT.to_owned() + &pod(account))), [""; 0], "{account}");
        }
        assert_eq!(manifest(&RULE, &pod("web")), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"existing": ["ci-*"]}"#);
        assert_eq!(trial.manifest(&(ACCOUNT.to_owned() + &pod("ci-a"))), [""; 0]);
    }

    #[test]
    fn the_old_name_of_the_field_counts_where_it_stands_alone() {
        let old = |account: &str| ACCOUNT.to_owned() + &pod(account).replace("serviceAccountName", "serviceAccount");
        assert_eq!(manifest(&RULE, &old("web")), [""; 0]);
        assert_eq!(manifest(&RULE, &old("wed")), ["wed"]);
        assert_eq!(manifest(&RULE, &old("wed, serviceAccountName: web")), [""; 0]);
    }

    #[test]
    fn an_account_that_is_missing_beside_others_is_flagged() {
        assert_eq!(manifest(&RULE, &(ACCOUNT.to_owned() + &pod("wed"))), ["wed"]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&pod("wed")), ["wed"]);
    }
}
