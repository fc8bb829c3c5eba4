//! Objects that others refer to by name, and what the project tells about those that it does not hold. No rule belongs here.

use hullmark_sdk::OptionSpec;
use hullmark_sdk::prelude::*;

use crate::pattern::matches;
use crate::placeholder::is_filled_in;

/// Names of objects that are known to be in the cluster.
pub(crate) const EXISTING: OptionSpec = OptionSpec::texts(
    "existing",
    &[],
    "names of objects that are in the cluster though the project does not hold them; `*` stands for anything",
);

/// Whether what the project does not hold does not exist.
pub(crate) const COMPLETE: OptionSpec =
    OptionSpec::flag("complete", false, "the project holds every such object of its namespaces");

/// What every cluster has in every namespace, or gets from what is widely installed.
const MADE_BY_CLUSTER: [&str; 3] = ["istio-ca-root-cert", "kube-root-ca.crt", "openshift-service-ca.crt"];

/// The objects of one kind of Kubernetes' core that the project holds.
pub(crate) struct Definitions<'a> {
    project: &'a Project<'a>,
    entries: Vec<ObjectEntry>,
}

impl<'a> Definitions<'a> {
    pub(crate) fn of(project: &'a Project<'a>, kind: &str) -> Self {
        let mut entries = project.object_entries(&[kind]);
        entries.retain(|entry| entry.group().is_empty());
        Self { project, entries }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Those of a name that an object of this namespace may mean.
    pub(crate) fn named(&self, name: &str, namespace: Option<&str>) -> Vec<Object<'a>> {
        self.of_name(name, |entry| self.project.may_share_namespace(entry.namespace.as_deref(), namespace))
    }

    /// Those of a name that are of other namespaces.
    pub(crate) fn strays(&self, name: &str, namespace: Option<&str>) -> Vec<Object<'a>> {
        self.of_name(name, |entry| !self.project.may_share_namespace(entry.namespace.as_deref(), namespace))
    }

    fn of_name(&self, name: &str, is_meant: impl Fn(&ObjectEntry) -> bool) -> Vec<Object<'a>> {
        let named = self.entries.iter().filter(|entry| entry.name.as_deref() == Some(name) && is_meant(entry));
        named.filter_map(|entry| self.project.object(entry)).collect()
    }

    /// Whether an object by this name, which the project does not hold for `referrer`, is surely missing: others of its kind
    /// stand beside what refers to it, and nothing says that it is made by somebody else.
    pub(crate) fn is_missing(&self, name: &str, referrer: Object, report: &Report) -> bool {
        if is_filled_in(name) || report.options().texts("existing").any(|existing| matches(existing, name)) {
            return false;
        }
        report.options().flag("complete")
            || self.has_siblings_of(referrer) && !MADE_BY_CLUSTER.contains(&name) && !self.project.may_be_made(name)
    }

    /// Whether the project holds objects of the kind in the namespace of `referrer`, or in its folder where a namespace is not
    /// written. That some are declared to be elsewhere does not say that all are.
    fn has_siblings_of(&self, referrer: Object) -> bool {
        let here = (referrer.document(), referrer.namespace());
        self.entries.iter().any(|entry| self.project.is_beside((entry.document, entry.namespace.as_deref()), here))
    }
}
