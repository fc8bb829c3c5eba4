use hullmark_sdk::prelude::*;

use crate::definitions::{COMPLETE, EXISTING};
use crate::references::{self, Target};

rule! {
    /// The pod takes values from a Secret that does not exist, or that lacks the entry.
    ///
    /// ## What it checks
    ///
    /// References to Secrets in `env`, `envFrom` and volumes that are not `optional`. An entry must be in the Secret, or in a patch
    /// of it, if the project holds the Secret. One that the project does not hold is reported where it holds others of the same
    /// namespace, or in the same folder where a namespace is not written.
    ///
    /// It keeps silent where somebody else may make the Secret: a custom resource (SealedSecret, ExternalSecret, Certificate …) or
    /// an annotation holds its name, it has no entries at all, or the pod lacks three or more and has fewer. The rule is off
    /// unless it is selected, since most Secrets are kept out of repositories, and rightly so.
    ///
    /// ## Why it matters
    ///
    /// The container does not start: it waits in `CreateContainerConfigError`, and a volume in `ContainerCreating`, until
    /// somebody looks.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Secret
    /// metadata:
    ///   name: web
    /// stringData:
    ///   password: example
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       env:
    ///         - name: PASSWORD
    ///           valueFrom:
    ///             secretKeyRef:
    ///               name: web
    ///               key: passwd
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
    ///   password: example
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       env:
    ///         - name: PASSWORD
    ///           valueFrom:
    ///             secretKeyRef:
    ///               name: web
    ///               key: password
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a Secret and an entry that exist, or say `optional: true` if the container can do without.
    ///
    /// ## Options
    ///
    /// - `existing` (default: empty): names of Secrets that are in the cluster though the project does not hold them; `*` stands for
    ///   anything.
    /// - `complete` (default `false`): the project holds every Secret of its namespaces, so each that it does not hold is reported.
    ///
    /// ## Other tools
    ///
    /// kube-linter looks at `env` only, compares names without namespaces, and takes every folder for complete.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret>
    level: Warning,
    enabled: false,
    tags: &["correctness"],
    precision: Low,
    aliases: &["env-value-from"],
    references: &["https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret"],
    options: &[EXISTING, COMPLETE],
    checks: &[Manifests(whole_project)],
}

const SECRET: Target = Target {
    kind: "Secret",
    key_ref: "secretKeyRef",
    env_ref: "secretRef",
    volume: "secret",
    volume_name: "secretName",
    data: &["data", "stringData"],
};

fn whole_project(project: &Project, report: &mut Report) {
    references::check(project, &SECRET, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const SECRET: &str =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\ndata: {a: Yg==}\nstringData: {c: d}\n---\n";

    fn flagged(spec: &str) -> Vec<String> {
        let pod = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n");
        manifest(&RULE, &(SECRET.to_owned() + &pod))
    }

    #[test]
    fn what_exists_is_accepted() {
        let variables =
            "{valueFrom: {secretKeyRef: {name: web, key: a}}}, {valueFrom: {secretKeyRef: {name: web, key: c}}}";
        assert_eq!(flagged(&format!("containers: [{{name: a, env: [{variables}]}}]")), [""; 0]);
        assert_eq!(flagged("volumes: [{name: v, secret: {secretName: web}}]"), [""; 0]);
        assert_eq!(flagged("volumes: [{name: v, secret: {secretName: api, optional: true}}]"), [""; 0]);
    }

    #[test]
    fn a_sealed_secret_becomes_one() {
        let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: api}\nspec: {}\n---\n";
        let pod = "apiVersion: v1\nkind: Pod\nspec: {volumes: [{name: v, secret: {secretName: api}}]}\n";
        assert_eq!(manifest(&RULE, &format!("{SECRET}{sealed}{pod}")), [""; 0]);
        assert_eq!(manifest(&RULE, &format!("{SECRET}{pod}")), ["api"]);
    }

    #[test]
    fn every_kind_of_reference_is_flagged() {
        assert_eq!(flagged("containers: [{name: a, env: [{valueFrom: {secretKeyRef: {name: web, key: b}}}]}]"), ["b"]);
        assert_eq!(flagged("containers: [{name: a, envFrom: [{secretRef: {name: api}}]}]"), ["api"]);
        assert_eq!(flagged("volumes: [{name: v, secret: {secretName: api}}]"), ["api"]);
        assert_eq!(flagged("volumes: [{name: v, projected: {sources: [{secret: {name: api}}]}}]"), ["api"]);
    }
}
