use hullmark_sdk::prelude::*;

use crate::faults::{What, report_object, report_project};
use crate::version;

rule! {
    /// A field has a text that is none of those which Kubernetes takes.
    ///
    /// ## What it checks
    ///
    /// Fields of Kubernetes' own kinds that take one of a few words, such as `restartPolicy` or `protocol`, and fields with an
    /// `enum` in the CustomResourceDefinitions of the project. Values that another program fills in (`${POLICY}`) are passed
    /// over.
    ///
    /// ## Why it matters
    ///
    /// The API server refuses the object. The words are written with capitals: `always` is not `Always`.
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
    ///       image: nginx:1.29.1
    ///       ports:
    ///         - containerPort: 53
    ///           protocol: udp
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
    ///       image: nginx:1.29.1
    ///       ports:
    ///         - containerPort: 53
    ///           protocol: UDP
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use one of the words that the message names.
    ///
    /// ## Options
    ///
    /// - `kubernetes-version`: the version of the cluster, in quotes, `"1.37"` by default. The tables begin with 1.33: fields of an older
    ///   cluster are judged as those of 1.33.
    ///
    /// ## Other tools
    ///
    /// kubeconform and the tools that embed it do not check these values: the schemas that they use do not hold them.
    ///
    /// ## References
    ///
    /// - [Kubernetes API](https://kubernetes.io/docs/reference/kubernetes-api/)
    level: Error,
    tags: &["correctness", "schema"],
    references: &["https://kubernetes.io/docs/reference/kubernetes-api/"],
    fragments: true,
    options: &[version::FIELDS_OF],
    checks: &[Object(&[], object), Manifests(whole_project)],
}

fn object(object: &Object, report: &mut Report) {
    report_object(What::Value, object, report);
}

fn whole_project(project: &Project, report: &mut Report) {
    report_project(What::Value, project, report);
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{{spec}, containers: [{{name: a}}]}}\n")
    }

    #[test]
    fn words_that_kubernetes_takes_and_open_ones_are_accepted() {
        for spec in [
            "restartPolicy: Never",
            "restartPolicy: ''",
            "restartPolicy: '${POLICY}'",
            "dnsPolicy: 1",
            "schedulerName: always",
            "volumes: [{name: a, hostPath: {path: /a, type: ''}}]",
        ] {
            assert_eq!(manifest(&RULE, &pod(spec)), [""; 0], "{spec}");
        }
    }

    #[test]
    fn other_words_are_flagged() {
        let text = pod("restartPolicy: always, dnsPolicy: 'Nope', tolerations: [{operator: Exist}]");
        assert_eq!(manifest(&RULE, &text), ["always", "'Nope'", "Exist"]);
        let fixed = Trial::of(&RULE).fixed("manifest.yaml", &text);
        assert_eq!(fixed, pod("restartPolicy: Always, dnsPolicy: 'None', tolerations: [{operator: Exists}]"));
        let text = "apiVersion: v1\nkind: PersistentVolumeClaim\nspec: {accessModes: [ReadWriteOnce, RWX]}\n";
        assert_eq!(manifest(&RULE, text), ["RWX"]);
    }
}
