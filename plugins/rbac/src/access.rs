//! What roles allow, and who is bound to them. No rule belongs here.

use hullmark_sdk::OptionSpec;
use hullmark_sdk::prelude::*;

/// API group of roles and bindings.
pub(crate) const RBAC: &str = "rbac.authorization.k8s.io";

/// Whether rights to everything count too.
pub(crate) const WILDCARDS: OptionSpec = OptionSpec::flag(
    "wildcards",
    false,
    "whether to report `*` among the resources too, which `rbac/wildcard-rule` does",
);

/// Whether rights to single objects count too.
pub(crate) const NAMED: OptionSpec =
    OptionSpec::flag("named", false, "whether to report rights that `resourceNames` limits to single objects too");

/// Something that a role may allow.
pub(crate) struct Access {
    /// API groups, empty for the core group.
    pub(crate) groups: &'static [&'static str],
    pub(crate) resources: &'static [&'static str],
    pub(crate) verbs: &'static [&'static str],
}

/// A role with the bindings to it that the project holds.
pub(crate) struct Role<'a> {
    pub(crate) object: Object<'a>,
    bindings: Vec<Object<'a>>,
}

impl<'a> Role<'a> {
    pub(crate) fn is_of_cluster(&self) -> bool {
        self.object.kind() == Some("ClusterRole")
    }

    /// The bindings to it.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = Object<'a>> {
        self.bindings.iter().copied()
    }

    /// Whether a binding of its own scope refers to it: a RoleBinding to a Role, or a ClusterRoleBinding to a ClusterRole.
    pub(crate) fn is_bound_in_scope(&self) -> bool {
        let kind = if self.is_of_cluster() { "ClusterRoleBinding" } else { "RoleBinding" };
        self.bindings.iter().any(|binding| binding.kind() == Some(kind))
    }

    /// Whether a binding of this kind refers to it.
    pub(crate) fn is_bound_by(&self, kind: &str) -> bool {
        self.bindings.iter().any(|binding| binding.kind() == Some(kind))
    }

    /// Whether it is bound to an account of pods or to a node.
    pub(crate) fn is_bound_to_account(&self) -> bool {
        let subjects = self.bindings.iter().filter_map(|binding| binding.at(&["subjects"])).flat_map(Node::items);
        subjects.filter_map(|subject| subject.get("kind")?.text()).any(|kind| matches!(kind, "ServiceAccount" | "Node"))
    }

    /// Whether an entry before this one allows a verb on a resource.
    pub(crate) fn allows_before(&self, grant: Grant, resource: &str, verb: &str) -> bool {
        let mut before = grants(self.object).take_while(|other| *other != grant);
        before.any(|other| other.has("resources", &[resource]) && other.has("verbs", &[verb]))
    }

    /// The rules of it that allow something, each with the resource by which it does.
    pub(crate) fn uses(&self, access: &Access, report: &Report) -> Vec<(Grant<'a>, Node<'a>)> {
        let (wildcards, named) = (report.options().flag("wildcards"), report.options().flag("named"));
        let uses = grants(self.object).filter_map(|grant| {
            let resource = grant.find("resources", access.resources)?;
            let is_seen = (wildcards || resource.text() != Some("*")) && (named || !grant.is_named());
            (is_seen && grant.has("apiGroups", access.groups) && grant.has("verbs", access.verbs))
                .then_some((grant, resource))
        });
        uses.collect()
    }
}

/// The roles of a project, without those that every cluster has.
pub(crate) fn roles<'a>(project: &'a Project<'a>) -> Vec<Role<'a>> {
    let mut bindings = project.objects(&["ClusterRoleBinding", "RoleBinding"]);
    bindings.retain(|binding| binding.group() == RBAC);
    let refers = |binding: Object, role: Object| {
        let target = |field| binding.at(&["roleRef", field]).and_then(Node::text);
        let shares_scope =
            role.kind() == Some("ClusterRole") || project.may_share_namespace(binding.namespace(), role.namespace());
        target("kind") == role.kind() && target("name") == role.name() && shares_scope
    };
    let roles = project.objects(&["ClusterRole", "Role"]);
    roles
        .into_iter()
        .filter(|role| role.group() == RBAC && !is_of_kubernetes(*role))
        .map(|object| Role { object, bindings: bindings.iter().copied().filter(|it| refers(*it, object)).collect() })
        .collect()
}

/// Whether every cluster has the role.
pub(crate) fn is_of_kubernetes(role: Object) -> bool {
    role.kind() == Some("ClusterRole")
        && role.name().is_some_and(|name| {
            name.starts_with("system:") || matches!(name, "admin" | "cluster-admin" | "edit" | "view")
        })
}

/// One entry of a role's `rules`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Grant<'a>(Node<'a>);

/// The entries of a role's `rules`.
pub(crate) fn grants<'a>(role: Object<'a>) -> impl Iterator<Item = Grant<'a>> + use<'a> {
    role.at(&["rules"]).into_iter().flat_map(Node::items).map(Grant)
}

impl<'a> Grant<'a> {
    /// Texts of a field.
    pub(crate) fn texts(self, field: &str) -> impl Iterator<Item = (&'a str, Node<'a>)> + use<'a> {
        let items = self.0.get(field).into_iter().flat_map(Node::items);
        items.filter_map(|item| Some((item.text()?, item)))
    }

    /// The first entry of a field that stands for one of these. `*/log` stands for `pods/log` and its like.
    pub(crate) fn find(self, field: &str, of: &[&str]) -> Option<Node<'a>> {
        let is_below = |text: &str| {
            let part = text.strip_prefix("*/");
            part.is_some() && of.iter().any(|resource| resource.split_once('/').map(|(_, below)| below) == part)
        };
        let mut texts = self.texts(field);
        texts.find(|(text, _)| *text == "*" || of.contains(text) || is_below(text)).map(|(_, node)| node)
    }

    pub(crate) fn has(self, field: &str, of: &[&str]) -> bool {
        self.find(field, of).is_some()
    }

    /// Whether a field holds `*` itself.
    pub(crate) fn has_star(self, field: &str) -> bool {
        self.has(field, &[])
    }

    /// Whether it is limited to single objects.
    pub(crate) fn is_named(self) -> bool {
        self.texts("resourceNames").next().is_some()
    }
}
