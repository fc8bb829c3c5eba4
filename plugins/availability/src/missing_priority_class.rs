use hullmark_sdk::prelude::*;

rule! {
    /// The pod has no priority class, or one that is not wanted.
    ///
    /// ## What it checks
    ///
    /// `priorityClassName` of every pod. The rule is off unless it is selected: a cluster that runs below its capacity needs
    /// no priorities.
    ///
    /// ## Why it matters
    ///
    /// When a cluster is full, the scheduler takes pods of lower priority away for those of higher. Without a class a pod has
    /// the priority of the cluster's default class, 0 where there is none.
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
    ///   priorityClassName: storefront
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name one of the cluster's priority classes.
    ///
    /// ## Options
    ///
    /// - `required` (default `true`): whether there must be a class.
    /// - `accepted` (default: empty, which is any): the classes that are wanted.
    ///
    /// ## Other tools
    ///
    /// kube-linter accepts pods without a class, and of the classes only the two of Kubernetes itself. Polaris wants any
    /// class.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: Medium,
    aliases: &["priority-class-name", "priorityClassNotSet"],
    references: &["https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"],
    options: &[
        OptionSpec::flag("required", true, "whether there must be a class"),
        OptionSpec::texts("accepted", &[], "the classes that are wanted; any where empty"),
    ],
    checks: &[Pod(pod)],
}

/// The classes that every cluster has.
const BUILT_IN: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

fn pod(pod: &Pod, report: &mut Report) {
    let title = pod.object().title();
    let Some(class) = pod.get("priorityClassName").filter(|class| class.value() != Some("")) else {
        if report.options().flag("required") {
            let message = format!("{title} has no priority class");
            report.finding(pod.anchor(&["priorityClassName"]), message).aliases(&["priorityClassNotSet"]);
        }
        return;
    };
    let Some(name) = class.text() else { return };
    let accepted: Vec<&str> = report.options().texts("accepted").collect();
    if !accepted.is_empty() && !accepted.contains(&name) {
        let message = format!("the priority class of {title} is `{name}`, which is not among the accepted ones");
        report.finding(class, message).aliases_if(&[("priority-class-name", !BUILT_IN.contains(&name))]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(spec: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{spec}}}\n")
    }

    #[test]
    fn any_class_is_accepted() {
        assert_eq!(manifest(&RULE, &pod("priorityClassName: shop")), [""; 0]);
        assert_eq!(manifest(&RULE, &pod("priorityClassName: [shop]")), [""; 0]);
    }

    #[test]
    fn none_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("containers: []")), ["web"]);
        assert_eq!(manifest(&RULE, &pod("priorityClassName: ''")), ["priorityClassName"]);
    }

    #[test]
    fn one_may_accept_less_or_none() {
        let trial = Trial::with(&RULE, r#"{"required": false, "accepted": ["shop"]}"#);
        assert_eq!(trial.manifest(&pod("containers: []")), [""; 0]);
        assert_eq!(trial.manifest(&pod("priorityClassName: shop")), [""; 0]);
        assert_eq!(trial.manifest(&pod("priorityClassName: bank")), ["bank"]);
    }
}
