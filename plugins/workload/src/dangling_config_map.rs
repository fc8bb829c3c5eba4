use hullmark_sdk::prelude::*;

use crate::definitions::{COMPLETE, EXISTING};
use crate::references::{self, Target};

rule! {
    /// The pod takes values from a ConfigMap that does not exist, or that lacks the entry.
    ///
    /// ## What it checks
    ///
    /// References to ConfigMaps in `env`, `envFrom` and volumes that are not `optional`. An entry must be in the ConfigMap, or in a
    /// patch of it, if the project holds the ConfigMap. One that the project does not hold is reported where it holds others
    /// of the same namespace, or in the same folder where a namespace is not written.
    ///
    /// It keeps silent where somebody else may make the ConfigMap: a custom resource or an annotation holds its name, it has no
    /// entries at all, every cluster has it, or the pod lacks three or more and has fewer. What the generators of a
    /// kustomization make is not seen; name it in `existing`.
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
    /// kind: ConfigMap
    /// metadata:
    ///   name: web
    /// data:
    ///   log-level: info
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       envFrom:
    ///         - configMapRef:
    ///             name: website
    ///       env:
    ///         - name: LOG_LEVEL
    ///           valueFrom:
    ///             configMapKeyRef:
    ///               name: web
    ///               key: logLevel
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
    ///   log-level: info
    /// ---
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: registry.example/web:1.4
    ///       envFrom:
    ///         - configMapRef:
    ///             name: website
    ///             optional: true
    ///       env:
    ///         - name: LOG_LEVEL
    ///           valueFrom:
    ///             configMapKeyRef:
    ///               name: web
    ///               key: log-level
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name a ConfigMap and an entry that exist, add what is missing, or say `optional: true` if the container can do without.
    ///
    /// ## Options
    ///
    /// - `existing` (default: empty): names of ConfigMaps that are in the cluster though the project does not hold them; `*` stands
    ///   for anything.
    /// - `complete` (default `false`): the project holds every ConfigMap of its namespaces, so each that it does not hold is
    ///   reported.
    ///
    /// ## Other tools
    ///
    /// kube-linter looks at `env` only, compares names without namespaces, and takes every folder for complete.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps>
    level: Warning,
    tags: &["correctness"],
    precision: Medium,
    aliases: &["env-value-from"],
    references: &["https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps"],
    options: &[EXISTING, COMPLETE],
    checks: &[Manifests(whole_project)],
}

const CONFIG_MAP: Target = Target {
    kind: "ConfigMap",
    key_ref: "configMapKeyRef",
    env_ref: "configMapRef",
    volume: "configMap",
    volume_name: "name",
    data: &["data", "binaryData"],
};

fn whole_project(project: &Project, report: &mut Report) {
    references::check(project, &CONFIG_MAP, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\nbinaryData: {c: ZA==}\n";

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    fn variable(from: &str) -> String {
        pod(&format!("containers: [{{name: web, env: [{{name: A, valueFrom: {{configMapKeyRef: {{{from}}}}}}}]}}]"))
    }

    fn flagged(text: &str) -> Vec<String> {
        project(&RULE, &[("k/map.yaml", MAP), ("k/web.yaml", text)])
    }

    #[test]
    fn what_exists_is_accepted() {
        assert_eq!(flagged(&variable("name: web, key: a")), [""; 0]);
        assert_eq!(flagged(&variable("name: web, key: c")), [""; 0]);
        assert_eq!(flagged(&pod("volumes: [{name: v, configMap: {name: web, items: [{key: a, path: a}]}}]")), [""; 0]);
    }

    #[test]
    fn what_may_be_missing_is_accepted() {
        assert_eq!(flagged(&variable("name: api, key: a, optional: true")), [""; 0]);
        assert_eq!(flagged(&variable("name: web, key: b, optional: true")), [""; 0]);
        assert_eq!(flagged(&pod("volumes: [{name: v, configMap: {name: kube-root-ca.crt}}]")), [""; 0]);
        assert_eq!(flagged(&variable("name: '${NAME}', key: a")), [""; 0]);
    }

    #[test]
    fn without_others_beside_it_nothing_is_known() {
        assert_eq!(manifest(&RULE, &variable("name: api, key: a")), [""; 0]);
        let files = [("one/map.yaml", MAP), ("two/web.yaml", &variable("name: api, key: a"))];
        assert_eq!(project(&RULE, &files), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"complete": true}"#);
        assert_eq!(trial.manifest(&variable("name: api, key: a")), ["api"]);
    }

    #[test]
    fn what_somebody_else_makes_is_accepted() {
        let custom = "apiVersion: a.example/v1\nkind: App\nmetadata: {name: x}\nspec: {configMap: api}\n";
        let text = variable("name: api, key: a");
        assert_eq!(project(&RULE, &[("k/map.yaml", MAP), ("k/web.yaml", &text), ("o/app.yaml", custom)]), [""; 0]);
        let filled = MAP.replace("data: {a: b}\nbinaryData: {c: ZA==}\n", "");
        assert_eq!(project(&RULE, &[("k/map.yaml", &filled), ("k/web.yaml", &variable("name: web, key: x"))]), [""; 0]);
        let trial = Trial::with(&RULE, r#"{"existing": ["ap*"]}"#);
        assert_eq!(trial.project(&[("k/map.yaml", MAP), ("k/web.yaml", &text)]), [""; 0]);
    }

    #[test]
    fn what_is_missing_by_the_dozen_is_made_by_somebody_else() {
        let volumes = |names: &[&str]| {
            let volumes: Vec<_> =
                names.iter().map(|name| format!("{{name: {name}, configMap: {{name: {name}}}}}")).collect();
            pod(&format!("volumes: [{}]", volumes.join(", ")))
        };
        assert_eq!(flagged(&volumes(&["web", "b", "c", "d"])), [""; 0]);
        assert_eq!(flagged(&volumes(&["web", "b", "c"])), ["b", "c"]);
        let trial = Trial::with(&RULE, r#"{"complete": true}"#);
        assert_eq!(trial.manifest(&volumes(&["b", "c", "d"])), ["b", "c", "d"]);
    }

    #[test]
    fn what_is_declared_to_exist_is_accepted() {
        let files = [("k/map.yaml", MAP), ("k/web.yaml", &*variable("name: api, key: a"))];
        let declared = |namespace, name| Trial::of(&RULE).declare(&[["ConfigMap", namespace, name]]).project(&files);
        assert_eq!(declared("", "api"), [""; 0]);
        assert_eq!(declared("shop", "api"), [""; 0]);
        assert_eq!(declared("", "other"), ["api"]);
        let alone = [("web.yaml", &*variable("name: api, key: a"))];
        assert_eq!(Trial::of(&RULE).declare(&[["ConfigMap", "", "other"]]).project(&alone), [""; 0]);
    }

    #[test]
    fn a_patch_may_bring_the_entry() {
        let patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n$patch: merge\ndata: {x: y}\n";
        let files = [("k/map.yaml", MAP), ("k/web.yaml", &variable("name: web, key: x")), ("o/patch.yaml", patch)];
        assert_eq!(project(&RULE, &files), [""; 0]);
    }

    #[test]
    fn every_kind_of_reference_is_flagged() {
        assert_eq!(flagged(&variable("name: api, key: a")), ["api"]);
        assert_eq!(flagged(&variable("name: web, key: b")), ["b"]);
        assert_eq!(flagged(&pod("initContainers: [{name: i, envFrom: [{configMapRef: {name: api}}]}]")), ["api"]);
        assert_eq!(flagged(&pod("volumes: [{name: v, configMap: {name: api}}]")), ["api"]);
        let projected = "volumes: [{name: v, projected: {sources: [{configMap: {name: web, items: [{key: b}]}}]}}]";
        assert_eq!(flagged(&pod(projected)), ["b"]);
    }

    #[test]
    fn namespaces_are_told_apart() {
        let at = |text: &str, namespace: &str| {
            text.replace("{name: web}", &format!("{{name: web, namespace: {namespace}}}"))
        };
        let text = at(&variable("name: web, key: a"), "shop");
        assert_eq!(project(&RULE, &[("k/a.yaml", &at(MAP, "shop")), ("k/web.yaml", &text)]), [""; 0]);
        let sibling = at(MAP, "shop").replace("name: web", "name: other");
        let files = [("k/a.yaml", &*at(MAP, "bank")), ("k/b.yaml", &*sibling), ("k/web.yaml", &*text)];
        assert_eq!(project(&RULE, &files), ["web"]);
    }
}
