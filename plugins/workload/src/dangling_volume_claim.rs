use hullmark_sdk::prelude::*;

use crate::definitions::{COMPLETE, Definitions, EXISTING};

rule! {
    /// A volume names a PersistentVolumeClaim that does not exist.
    ///
    /// ## What it checks
    ///
    /// `persistentVolumeClaim` of the volumes of every pod. A claim that the project does not hold is reported where it holds
    /// others of the same namespace, or in the same folder where a namespace is not written. It keeps silent where a custom
    /// resource or an annotation holds the name, for somebody else may make the claim.
    ///
    /// ## Why it matters
    ///
    /// The pod is never scheduled: it stays `Pending` until somebody looks.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata:
    ///   name: data
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources:
    ///     requests:
    ///       storage: 1Gi
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: db
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: postgres:17.5
    ///   volumes:
    ///     - name: data
    ///       persistentVolumeClaim:
    ///         claimName: db-data
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: PersistentVolumeClaim
    /// metadata:
    ///   name: data
    /// spec:
    ///   accessModes: [ReadWriteOnce]
    ///   resources:
    ///     requests:
    ///       storage: 1Gi
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: db
    /// spec:
    ///   containers:
    ///     - name: db
    ///       image: postgres:17.5
    ///   volumes:
    ///     - name: data
    ///       persistentVolumeClaim:
    ///         claimName: data
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a claim that exists, or add the one that is missing.
    ///
    /// ## Options
    ///
    /// - `existing` (default: empty): names of claims that are in the cluster though the project does not hold them; `*` stands for
    ///   anything.
    /// - `complete` (default `false`): the project holds every claim of its namespaces, so each that it does not hold is reported.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes>
    level: Warning,
    tags: &["correctness"],
    precision: Medium,
    references: &["https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes"],
    options: &[EXISTING, COMPLETE],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let claims = Definitions::of(project, "PersistentVolumeClaim");
    if claims.is_empty() && !report.options().flag("complete") {
        return;
    }
    for pod in project.pods().iter().filter_map(|entry| project.load(entry)) {
        let object = pod.object();
        for volume in pod.get("volumes").into_iter().flat_map(Node::items) {
            let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]) else { continue };
            let Some(name) = claim.text() else { continue };
            if !claims.named(name, object.namespace()).is_empty() || !claims.is_missing(name, object, report) {
                continue;
            }
            let message = format!("{} mounts the volume claim `{name}`, which does not exist", object.title());
            let finding = report.finding(claim, message);
            for stray in claims.strays(name, object.namespace()) {
                finding.related(stray.name_place(), "one by that name, of another namespace");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const CLAIM: &str = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {}\n---\n";

    fn pod(claim: &str) -> String {
        let volume = format!("{{name: v, persistentVolumeClaim: {{claimName: {claim}}}}}");
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec: {{volumes: [{{name: t, emptyDir: {{}}}}, {volume}]}}\n"
        )
    }

    #[test]
    fn what_exists_or_may_exist_is_accepted() {
        assert_eq!(manifest(&RULE, &(CLAIM.to_owned() + &pod("data"))), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("data")), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"existing": ["nfs-*"]}"#);
        assert_eq!(trial.manifest(&(CLAIM.to_owned() + &pod("nfs-a"))), [""; 0]);
    }

    #[test]
    fn a_claim_that_is_missing_beside_others_is_flagged() {
        assert_eq!(manifest(&RULE, &(CLAIM.to_owned() + &pod("date"))), ["date"]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&pod("date")), ["date"]);
    }
}
