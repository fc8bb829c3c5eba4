use hullmark_sdk::prelude::*;

use crate::access::RBAC;

rule! {
    /// The binding gives a role that does not exist, or gives it to an account that does not exist.
    ///
    /// ## What it checks
    ///
    /// The Role that a RoleBinding refers to, and the ServiceAccounts among the subjects of RoleBindings and ClusterRoleBindings.
    /// One that the project does not hold is reported where it holds others of that kind in the same namespace, or in the same
    /// folder where a namespace is not written. ClusterRoles are not looked at: they may come with the cluster or with any of its
    /// operators.
    ///
    /// ## Why it matters
    ///
    /// Kubernetes takes such a binding without a word, and it gives nothing. Worse, it gives the rights to whoever is later
    /// able to make an account by that name.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: config-reader
    ///   namespace: shop
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     verbs: [get]
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: Role
    ///   name: configreader
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: web
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: Role
    /// metadata:
    ///   name: config-reader
    ///   namespace: shop
    /// rules:
    ///   - apiGroups: [""]
    ///     resources: [configmaps]
    ///     verbs: [get]
    /// ---
    /// apiVersion: rbac.authorization.k8s.io/v1
    /// kind: RoleBinding
    /// metadata:
    ///   name: web
    ///   namespace: shop
    /// roleRef:
    ///   apiGroup: rbac.authorization.k8s.io
    ///   kind: Role
    ///   name: config-reader
    /// subjects:
    ///   - kind: ServiceAccount
    ///     name: web
    /// ```
    ///
    /// ## How to fix
    ///
    /// Correct the name, or add the missing role or account.
    ///
    /// ## Options
    ///
    /// - `complete` (default: `false`): the project holds every Role and ServiceAccount of its namespaces.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding>
    level: Warning,
    tags: &["correctness", "security"],
    security_severity: Some("3.0"),
    precision: Medium,
    references: &["https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding"],
    options: &[OptionSpec::flag("complete", false, "the project holds every Role and ServiceAccount of its namespaces")],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let roles = Held::of(project, "Role", RBAC);
    let accounts = Held::of(project, "ServiceAccount", "");
    let bindings = project.objects(&["ClusterRoleBinding", "RoleBinding"]);
    for binding in bindings.into_iter().filter(|binding| binding.group() == RBAC) {
        let role = binding.at(&["roleRef"]).filter(|role| role.get("kind").and_then(Node::text) == Some("Role"));
        if let Some(name) = role.and_then(|role| role.get("name")) {
            roles.judge(binding, name, binding.namespace(), report);
        }
        for subject in binding.at(&["subjects"]).into_iter().flat_map(Node::items) {
            // A ClusterRoleBinding has no namespace to fall back on; the API server refuses it.
            let namespace = subject.get("namespace").and_then(Node::text).or_else(|| binding.namespace());
            let is_account = subject.get("kind").and_then(Node::text) == Some("ServiceAccount");
            if let Some(name) = subject.get("name").filter(|name| is_account && name.text() != Some("default")) {
                accounts.judge(binding, name, namespace, report);
            }
        }
    }
}

/// The objects of a kind that the project holds.
struct Held<'a> {
    project: &'a Project<'a>,
    kind: &'a str,
    entries: Vec<ObjectEntry>,
}

impl<'a> Held<'a> {
    fn of(project: &'a Project<'a>, kind: &'a str, group: &str) -> Self {
        let mut entries = project.object_entries(&[kind]);
        entries.retain(|entry| entry.group() == group || is_declared(project, entry));
        Self { project, kind, entries }
    }

    fn judge(&self, binding: Object, name: Node, namespace: Option<&str>, report: &mut Report) {
        // Kubernetes fills its own namespaces with roles and accounts.
        if namespace.is_some_and(|namespace| namespace.starts_with("kube-")) {
            return;
        }
        let Some(text) = name.text().filter(|text| is_plain(text)) else { return };
        let named = || self.entries.iter().filter(|entry| entry.name.as_deref() == Some(text));
        let is_meant = |entry: &ObjectEntry| self.project.may_share_namespace(entry.namespace.as_deref(), namespace);
        if named().any(is_meant) || !report.options().flag("complete") && !self.has_siblings(binding, namespace) {
            return;
        }
        let message = format!("{} names the {} `{text}`, which does not exist", binding.title(), self.kind);
        let finding = report.finding(name, message);
        for stray in named().filter_map(|entry| self.project.object(entry)) {
            finding.related(stray.name_place(), "one by that name, of another namespace");
        }
    }

    /// Whether the project holds others of the kind in the namespace, or in the folder of the binding where a namespace is not
    /// written.
    fn has_siblings(&self, binding: Object, namespace: Option<&str>) -> bool {
        let here = (binding.document(), namespace);
        self.entries.iter().any(|entry| self.project.is_beside((entry.document, entry.namespace.as_deref()), here))
    }
}

/// Whether the user's configuration says that the object exists outside the project.
fn is_declared(project: &Project, entry: &ObjectEntry) -> bool {
    project.document(entry.document).is_some_and(|document| document.has_trait("declared"))
}

/// Whether a name is one, and not what a program fills in.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const HELD: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: reader, namespace: shop}\n---\n\
                        apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n---\n";

    fn binding(role: &str, subject: &str) -> String {
        format!(
            "{HELD}apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: b, namespace: shop}}\n\
             roleRef: {{{role}}}\nsubjects: [{{{subject}}}]\n"
        )
    }

    const ROLE: &str = "kind: Role, name: reader";
    const WEB: &str = "kind: ServiceAccount, name: web";

    #[test]
    fn what_is_there_or_not_looked_at_is_accepted() {
        assert_eq!(manifest(&RULE, &binding(ROLE, WEB)), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("kind: ClusterRole, name: nowhere", "kind: User, name: ada")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding(ROLE, "kind: ServiceAccount, name: default")), [""; 0]);
        assert_eq!(manifest(&RULE, &binding("kind: Role, name: $(ROLE)", WEB)), [""; 0]);
    }

    #[test]
    fn namespaces_of_kubernetes_hold_what_the_project_does_not() {
        let reader = binding("kind: Role, name: extension-apiserver-authentication-reader", WEB);
        assert_eq!(manifest(&RULE, &reader.replace("namespace: shop", "namespace: kube-system")), [""; 0]);
    }

    #[test]
    fn without_siblings_nothing_is_known() {
        let elsewhere = "kind: ServiceAccount, name: api, namespace: tools";
        assert_eq!(manifest(&RULE, &binding(ROLE, elsewhere)), [""; 0]);
        let alone = binding("kind: Role, name: writer", WEB).replace(HELD, "");
        assert_eq!(manifest(&RULE, &alone), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"complete": true}"#).manifest(&alone), ["writer", "web"]);
    }

    #[test]
    fn names_that_lead_nowhere_are_flagged() {
        assert_eq!(manifest(&RULE, &binding("kind: Role, name: writer", WEB)), ["writer"]);
        assert_eq!(manifest(&RULE, &binding(ROLE, "kind: ServiceAccount, name: wbe")), ["wbe"]);
        assert_eq!(manifest(&RULE, &binding(ROLE, "kind: ServiceAccount, name: wbe, namespace: shop")), ["wbe"]);
    }
}
