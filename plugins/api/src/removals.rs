//! Versions of APIs that Kubernetes deprecated or removed.
//!
//! Sources: the Deprecated API Migration Guide (<https://kubernetes.io/docs/reference/using-api/deprecation-guide/>), the
//! release notes for alpha versions, which the guide leaves out, and the kinds of `k8s-openapi` for what 1.33 and later
//! serve. Where lists of other tools contradict those, they are not followed.

use hullmark_sdk::prelude::*;

use crate::version::Version;

/// Kinds of a group and version that went the same way. Numbers are minor versions of Kubernetes 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Removal {
    pub(crate) api_version: &'static str,
    pub(crate) kinds: &'static [&'static str],
    pub(crate) deprecated: u8,
    /// Nothing where no removal is announced.
    pub(crate) removed: Option<u8>,
    pub(crate) replacement: Option<Replacement>,
}

/// What to write in place of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replacement {
    pub(crate) api_version: &'static str,
    /// Nothing where the kind stays.
    pub(crate) kind: Option<&'static str>,
    /// The first version that has it.
    pub(crate) since: u8,
    pub(crate) change: Change,
}

/// What has to be changed besides the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// Nothing where the object has a selector, which the replacement wants.
    Selector,
    /// Nothing where the selector is not empty: an empty one means something else.
    EmptySelector,
    /// Fields or defaults.
    Fields,
}

const fn to(api_version: &'static str, since: u8, change: Change) -> Option<Replacement> {
    Some(Replacement { api_version, kind: None, since, change })
}

const fn removal(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: u8,
    removed: u8,
    replacement: Option<Replacement>,
) -> Removal {
    Removal { api_version, kinds, deprecated, removed: Some(removed), replacement }
}

/// In the order of their removal.
const REMOVALS: &[Removal] = &[
    removal("apps/v1beta1", &["Deployment", "ReplicaSet", "StatefulSet"], 9, 16, to("apps/v1", 9, Change::Fields)),
    removal(
        "apps/v1beta2",
        &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        9,
        16,
        to("apps/v1", 9, Change::Selector),
    ),
    removal("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 9, 16, to("apps/v1", 9, Change::Fields)),
    removal("extensions/v1beta1", &["NetworkPolicy"], 9, 16, to("networking.k8s.io/v1", 8, Change::None)),
    removal("extensions/v1beta1", &["PodSecurityPolicy"], 10, 16, None),
    removal("scheduling.k8s.io/v1alpha1", &["PriorityClass"], 14, 17, to("scheduling.k8s.io/v1", 14, Change::None)),
    removal(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        16,
        22,
        to("admissionregistration.k8s.io/v1", 16, Change::Fields),
    ),
    removal(
        "apiextensions.k8s.io/v1beta1",
        &["CustomResourceDefinition"],
        16,
        22,
        to("apiextensions.k8s.io/v1", 16, Change::Fields),
    ),
    removal(
        "apiregistration.k8s.io/v1beta1",
        &["APIService"],
        10,
        22,
        to("apiregistration.k8s.io/v1", 10, Change::None),
    ),
    removal("authentication.k8s.io/v1beta1", &["TokenReview"], 19, 22, to("authentication.k8s.io/v1", 6, Change::None)),
    removal(
        "authorization.k8s.io/v1beta1",
        &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
        19,
        22,
        to("authorization.k8s.io/v1", 6, Change::Fields),
    ),
    removal(
        "certificates.k8s.io/v1beta1",
        &["CertificateSigningRequest"],
        19,
        22,
        to("certificates.k8s.io/v1", 19, Change::Fields),
    ),
    removal("coordination.k8s.io/v1beta1", &["Lease"], 14, 22, to("coordination.k8s.io/v1", 14, Change::None)),
    removal("extensions/v1beta1", &["Ingress"], 14, 22, to("networking.k8s.io/v1", 19, Change::Fields)),
    removal("networking.k8s.io/v1beta1", &["Ingress"], 19, 22, to("networking.k8s.io/v1", 19, Change::Fields)),
    removal("networking.k8s.io/v1beta1", &["IngressClass"], 19, 22, to("networking.k8s.io/v1", 19, Change::None)),
    removal(
        "rbac.authorization.k8s.io/v1alpha1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        to("rbac.authorization.k8s.io/v1", 8, Change::Fields),
    ),
    removal(
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        to("rbac.authorization.k8s.io/v1", 8, Change::None),
    ),
    removal("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, to("scheduling.k8s.io/v1", 14, Change::None)),
    removal("storage.k8s.io/v1beta1", &["CSIDriver"], 19, 22, to("storage.k8s.io/v1", 19, Change::None)),
    removal("storage.k8s.io/v1beta1", &["CSINode"], 17, 22, to("storage.k8s.io/v1", 17, Change::None)),
    removal("storage.k8s.io/v1beta1", &["StorageClass"], 6, 22, to("storage.k8s.io/v1", 6, Change::None)),
    removal("storage.k8s.io/v1beta1", &["VolumeAttachment"], 13, 22, to("storage.k8s.io/v1", 13, Change::None)),
    removal("audit.k8s.io/v1alpha1", &["Event", "Policy"], 21, 24, to("audit.k8s.io/v1", 12, Change::None)),
    removal("audit.k8s.io/v1beta1", &["Event", "Policy"], 21, 24, to("audit.k8s.io/v1", 12, Change::None)),
    removal("storage.k8s.io/v1alpha1", &["CSIStorageCapacity"], 21, 24, to("storage.k8s.io/v1", 24, Change::None)),
    removal("storage.k8s.io/v1alpha1", &["VolumeAttachment"], 21, 24, to("storage.k8s.io/v1", 13, Change::None)),
    removal("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, to("autoscaling/v2", 23, Change::Fields)),
    removal("batch/v1beta1", &["CronJob"], 21, 25, to("batch/v1", 21, Change::None)),
    removal("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, to("discovery.k8s.io/v1", 21, Change::Fields)),
    removal("events.k8s.io/v1beta1", &["Event"], 19, 25, to("events.k8s.io/v1", 19, Change::Fields)),
    removal("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, to("node.k8s.io/v1", 20, Change::None)),
    removal("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, to("policy/v1", 21, Change::EmptySelector)),
    removal("policy/v1beta1", &["PodSecurityPolicy"], 21, 25, None),
    removal("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, to("autoscaling/v2", 23, Change::None)),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
        23,
        26,
        to("flowcontrol.apiserver.k8s.io/v1", 29, Change::Fields),
    ),
    removal("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, to("storage.k8s.io/v1", 24, Change::None)),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &["FlowSchema", "PriorityLevelConfiguration"],
        26,
        29,
        to("flowcontrol.apiserver.k8s.io/v1", 29, Change::Fields),
    ),
    removal(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &["FlowSchema", "PriorityLevelConfiguration"],
        29,
        32,
        to("flowcontrol.apiserver.k8s.io/v1", 29, Change::Fields),
    ),
    removal(
        "admissionregistration.k8s.io/v1alpha1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        28,
        33,
        to("admissionregistration.k8s.io/v1", 30, Change::Fields),
    ),
    removal(
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        31,
        34,
        to("admissionregistration.k8s.io/v1", 30, Change::None),
    ),
    removal(
        "resource.k8s.io/v1alpha3",
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        32,
        34,
        to("resource.k8s.io/v1", 34, Change::Fields),
    ),
    removal("storage.k8s.io/v1alpha1", &["VolumeAttributesClass"], 31, 35, to("storage.k8s.io/v1", 34, Change::None)),
    removal(
        "storagemigration.k8s.io/v1alpha1",
        &["StorageVersionMigration"],
        35,
        35,
        to("storagemigration.k8s.io/v1beta1", 35, Change::Fields),
    ),
    removal(
        "certificates.k8s.io/v1alpha1",
        &["ClusterTrustBundle"],
        34,
        37,
        to("certificates.k8s.io/v1beta1", 33, Change::None),
    ),
    removal(
        "networking.k8s.io/v1beta1",
        &["IPAddress", "ServiceCIDR"],
        34,
        37,
        to("networking.k8s.io/v1", 33, Change::None),
    ),
    removal("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], 34, 37, to("storage.k8s.io/v1", 34, Change::None)),
    Removal {
        api_version: "v1",
        kinds: &["Endpoints"],
        deprecated: 33,
        removed: None,
        replacement: Some(Replacement {
            api_version: "discovery.k8s.io/v1",
            kind: Some("EndpointSlice"),
            since: 21,
            change: Change::Fields,
        }),
    },
    Removal { api_version: "v1", kinds: &["ComponentStatus"], deprecated: 19, removed: None, replacement: None },
];

/// What `stable-version` of kube-score knows.
const STABLE_VERSION: [(&str, &[&str]); 8] = [
    ("apps/v1beta1", &["Deployment", "StatefulSet"]),
    ("apps/v1beta2", &["DaemonSet", "Deployment", "StatefulSet"]),
    ("autoscaling/v2beta1", &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2beta2", &["HorizontalPodAutoscaler"]),
    ("batch/v1beta1", &["CronJob"]),
    ("extensions/v1beta1", &["DaemonSet", "Deployment", "Ingress"]),
    ("networking.k8s.io/v1beta1", &["Ingress"]),
    ("policy/v1beta1", &["PodDisruptionBudget"]),
];

/// What KSV-0107 of Trivy knows, with two kinds less.
const KSV_0107: [&str; 18] = [
    "admissionregistration.k8s.io/v1beta1",
    "apps/v1beta1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v2beta1",
    "autoscaling/v2beta2",
    "batch/v1beta1",
    "certificates.k8s.io/v1beta1",
    "coordination.k8s.io/v1beta1",
    "discovery.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1beta1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1beta1",
    "scheduling.k8s.io/v1beta1",
    "storage.k8s.io/v1beta1",
];

/// What became of an object's kind and version.
pub(crate) fn of(object: &Object) -> Option<&'static Removal> {
    let (api_version, kind) = (object.api_version()?, object.kind()?);
    REMOVALS.iter().find(|removal| removal.api_version == api_version && removal.kinds.contains(&kind))
}

impl Removal {
    pub(crate) fn is_removed_in(&self, version: Version) -> bool {
        self.removed.is_some_and(|removed| removed <= version.minor)
    }

    pub(crate) const fn is_deprecated_in(&self, version: Version) -> bool {
        self.deprecated <= version.minor
    }

    /// `use `apps/v1``, the end of a message.
    pub(crate) fn advice(&self) -> String {
        let Some(replacement) = self.replacement else { return "nothing takes its place".to_owned() };
        let kind = replacement.kind.map(|kind| format!("`{kind}` of ")).unwrap_or_default();
        format!("use {kind}`{}`", replacement.api_version)
    }

    /// Writes the replacement, where the version of the cluster has it.
    pub(crate) fn fix(&self, object: &Object, version: Version) -> Option<Fix> {
        let replacement = self.replacement.filter(|to| to.since <= version.minor && to.kind.is_none())?;
        let written = object.node().get("apiVersion")?;
        let selector = || object.at(&["spec", "selector"]);
        let is_whole = match replacement.change {
            Change::None => true,
            Change::Selector => selector().is_some(),
            Change::EmptySelector => selector().is_none_or(|selector| selector.children().next().is_some()),
            Change::Fields => false,
        };
        let title = format!("use `{}`", replacement.api_version);
        // Where fields must change as well, the version alone would make a manifest that is refused or means something else.
        is_whole.then(|| Fix::safe(title).replace(written.part(0, self.api_version), replacement.api_version))
    }

    /// Names under which other tools know it: those that would say so of this version of the cluster.
    pub(crate) fn aliases(&self, object: &Object, version: Version) -> Vec<&'static str> {
        let kind = object.kind().unwrap_or_default();
        let has_replacement = self.replacement.is_some_and(|to| to.since <= version.minor);
        let mut aliases = Vec::new();
        if self.api_version.starts_with("extensions/v1beta") {
            aliases.push("no-extensions-v1beta");
        }
        if has_replacement && STABLE_VERSION.iter().any(|(of, kinds)| *of == self.api_version && kinds.contains(&kind))
        {
            aliases.push("stable-version");
        }
        if KSV_0107.contains(&self.api_version) && !matches!(kind, "StatefulSet" | "PodSecurityPolicy") {
            aliases.push("KSV-0107");
        }
        aliases
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    #[test]
    fn the_list_agrees_with_the_tables() {
        for removal in REMOVALS {
            for (minor, kind) in
                (33..=Version::NEWEST.minor).flat_map(|minor| removal.kinds.iter().map(move |kind| (minor, kind)))
            {
                let version = Version { minor };
                let is_there = tables::kind(removal.api_version, kind, version).is_some();
                assert_eq!(is_there, !removal.is_removed_in(version), "{} {kind} in 1.{minor}", removal.api_version);
                let Some(to) =
                    removal.replacement.filter(|to| to.since <= minor && to.api_version != "audit.k8s.io/v1")
                else {
                    continue;
                };
                let is_there = tables::kind(to.api_version, to.kind.unwrap_or(kind), version).is_some();
                // A replacement may have been replaced since.
                assert!(
                    is_there || REMOVALS.iter().any(|other| other.api_version == to.api_version),
                    "{} {kind} in 1.{minor}",
                    to.api_version
                );
            }
        }
    }

    #[test]
    fn removals_come_in_their_order() {
        assert!(REMOVALS.is_sorted_by_key(|removal| removal.removed.unwrap_or(u8::MAX)));
    }
}
