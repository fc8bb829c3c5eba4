//! The texts that a field may have. `k8s-openapi` does not tell them; they are listed here.
//!
//! Sources: the constants and comments of the types in `staging/src/k8s.io/api/<group>/<version>/types.go` of Kubernetes (`apimachinery`
//! for label selectors, `apiextensions-apiserver` for definitions of custom resources), and the validation in
//! `pkg/apis/<group>/validation/validation.go`, both as of 1.37. Values that came with a later version than the oldest table
//! stand here as well. Left out are fields whose values an extension may add to (types of limits, conditions,
//! signers), those that only the cluster writes, and the pull policy, which is the matter of `image/pull-policy`.

/// What a quota may count: pods of a quality, and classes.
const QUOTA_SCOPES: &[&str] = &[
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
    "VolumeAttributesClass",
];

/// Definition, field, and what the field, or an item of it, may be. Sorted.
const ENUMERATIONS: &[(&str, &str, &[&str])] = &[
    ("api.admissionregistration.v1.MatchResources", "matchPolicy", &["Equivalent", "Exact"]),
    ("api.admissionregistration.v1.MutatingWebhook", "failurePolicy", &["Fail", "Ignore"]),
    ("api.admissionregistration.v1.MutatingWebhook", "matchPolicy", &["Equivalent", "Exact"]),
    ("api.admissionregistration.v1.MutatingWebhook", "reinvocationPolicy", &["IfNeeded", "Never"]),
    ("api.admissionregistration.v1.MutatingWebhook", "sideEffects", &["None", "NoneOnDryRun"]),
    (
        "api.admissionregistration.v1.NamedRuleWithOperations",
        "operations",
        &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"],
    ),
    ("api.admissionregistration.v1.NamedRuleWithOperations", "scope", &["*", "Cluster", "Namespaced"]),
    ("api.admissionregistration.v1.ParamRef", "parameterNotFoundAction", &["Allow", "Deny"]),
    ("api.admissionregistration.v1.RuleWithOperations", "operations", &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]),
    ("api.admissionregistration.v1.RuleWithOperations", "scope", &["*", "Cluster", "Namespaced"]),
    (
        "api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec",
        "validationActions",
        &["Audit", "Deny", "Warn"],
    ),
    ("api.admissionregistration.v1.ValidatingAdmissionPolicySpec", "failurePolicy", &["Fail", "Ignore"]),
    ("api.admissionregistration.v1.ValidatingWebhook", "failurePolicy", &["Fail", "Ignore"]),
    ("api.admissionregistration.v1.ValidatingWebhook", "matchPolicy", &["Equivalent", "Exact"]),
    ("api.admissionregistration.v1.ValidatingWebhook", "sideEffects", &["None", "NoneOnDryRun"]),
    (
        "api.admissionregistration.v1.Validation",
        "reason",
        &["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"],
    ),
    ("api.apps.v1.DaemonSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"]),
    ("api.apps.v1.DeploymentStrategy", "type", &["Recreate", "RollingUpdate"]),
    ("api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenDeleted", &["Delete", "Retain"]),
    ("api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy", "whenScaled", &["Delete", "Retain"]),
    ("api.apps.v1.StatefulSetSpec", "podManagementPolicy", &["OrderedReady", "Parallel"]),
    ("api.apps.v1.StatefulSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"]),
    ("api.autoscaling.v2.HPAScalingPolicy", "type", &["Percent", "Pods"]),
    ("api.autoscaling.v2.HPAScalingRules", "selectPolicy", &["Disabled", "Max", "Min"]),
    ("api.autoscaling.v2.MetricSpec", "type", &["ContainerResource", "External", "Object", "Pods", "Resource"]),
    ("api.autoscaling.v2.MetricTarget", "type", &["AverageValue", "Utilization", "Value"]),
    ("api.batch.v1.CronJobSpec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"]),
    ("api.batch.v1.JobSpec", "completionMode", &["Indexed", "NonIndexed"]),
    ("api.batch.v1.JobSpec", "podReplacementPolicy", &["Failed", "TerminatingOrFailed"]),
    ("api.batch.v1.PodFailurePolicyOnExitCodesRequirement", "operator", &["In", "NotIn"]),
    ("api.batch.v1.PodFailurePolicyOnPodConditionsPattern", "status", &["False", "True", "Unknown"]),
    ("api.batch.v1.PodFailurePolicyRule", "action", &["Count", "FailIndex", "FailJob", "Ignore"]),
    (
        "api.certificates.v1.CertificateSigningRequestSpec",
        "usages",
        &[
            "any",
            "cert sign",
            "client auth",
            "code signing",
            "content commitment",
            "crl sign",
            "data encipherment",
            "decipher only",
            "digital signature",
            "email protection",
            "encipher only",
            "ipsec end system",
            "ipsec tunnel",
            "ipsec user",
            "key agreement",
            "key encipherment",
            "microsoft sgc",
            "netscape sgc",
            "ocsp signing",
            "s/mime",
            "server auth",
            "signing",
            "timestamping",
        ],
    ),
    ("api.core.v1.AppArmorProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("api.core.v1.AzureDiskVolumeSource", "cachingMode", &["None", "ReadOnly", "ReadWrite"]),
    ("api.core.v1.AzureDiskVolumeSource", "kind", &["Dedicated", "Managed", "Shared"]),
    ("api.core.v1.Container", "restartPolicy", &["Always", "Never", "OnFailure"]),
    ("api.core.v1.Container", "terminationMessagePolicy", &["File", "FallbackToLogsOnError"]),
    ("api.core.v1.ContainerPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.core.v1.ContainerResizePolicy", "restartPolicy", &["NotRequired", "RestartContainer"]),
    ("api.core.v1.ContainerRestartRule", "action", &["Restart", "RestartAllContainers"]),
    ("api.core.v1.ContainerRestartRuleOnExitCodes", "operator", &["In", "NotIn"]),
    ("api.core.v1.EndpointPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.core.v1.EphemeralContainer", "restartPolicy", &["Always", "Never", "OnFailure"]),
    ("api.core.v1.EphemeralContainer", "terminationMessagePolicy", &["File", "FallbackToLogsOnError"]),
    ("api.core.v1.HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    (
        "api.core.v1.HostPathVolumeSource",
        "type",
        &["BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
    ),
    ("api.core.v1.NodeSelectorRequirement", "operator", &["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"]),
    (
        "api.core.v1.PersistentVolumeClaimSpec",
        "accessModes",
        &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"],
    ),
    ("api.core.v1.PersistentVolumeClaimSpec", "volumeMode", &["Block", "Filesystem"]),
    (
        "api.core.v1.PersistentVolumeSpec",
        "accessModes",
        &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"],
    ),
    ("api.core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", &["Delete", "Recycle", "Retain"]),
    ("api.core.v1.PersistentVolumeSpec", "volumeMode", &["Block", "Filesystem"]),
    (
        "api.core.v1.PodCertificateProjection",
        "keyType",
        &["ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"],
    ),
    ("api.core.v1.PodOS", "name", &["linux", "windows"]),
    ("api.core.v1.PodSecurityContext", "fsGroupChangePolicy", &["Always", "OnRootMismatch"]),
    ("api.core.v1.PodSecurityContext", "seLinuxChangePolicy", &["MountOption", "Recursive"]),
    ("api.core.v1.PodSecurityContext", "supplementalGroupsPolicy", &["Merge", "Strict"]),
    ("api.core.v1.PodSpec", "dnsPolicy", &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ("api.core.v1.PodSpec", "preemptionPolicy", &["Never", "PreemptLowerPriority"]),
    ("api.core.v1.PodSpec", "restartPolicy", &["Always", "Never", "OnFailure"]),
    ("api.core.v1.ResourceQuotaSpec", "scopes", QUOTA_SCOPES),
    ("api.core.v1.ScopedResourceSelectorRequirement", "operator", &["DoesNotExist", "Exists", "In", "NotIn"]),
    ("api.core.v1.ScopedResourceSelectorRequirement", "scopeName", QUOTA_SCOPES),
    ("api.core.v1.SeccompProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("api.core.v1.SecurityContext", "procMount", &["Default", "Unmasked"]),
    ("api.core.v1.ServicePort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.core.v1.ServiceSpec", "externalTrafficPolicy", &["Cluster", "Local"]),
    ("api.core.v1.ServiceSpec", "internalTrafficPolicy", &["Cluster", "Local"]),
    ("api.core.v1.ServiceSpec", "ipFamilies", &["IPv4", "IPv6"]),
    ("api.core.v1.ServiceSpec", "ipFamilyPolicy", &["PreferDualStack", "RequireDualStack", "SingleStack"]),
    ("api.core.v1.ServiceSpec", "sessionAffinity", &["ClientIP", "None"]),
    ("api.core.v1.ServiceSpec", "trafficDistribution", &["PreferClose", "PreferSameNode", "PreferSameZone"]),
    ("api.core.v1.ServiceSpec", "type", &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
    ("api.core.v1.Taint", "effect", &["NoExecute", "NoSchedule", "PreferNoSchedule"]),
    ("api.core.v1.Toleration", "effect", &["NoExecute", "NoSchedule", "PreferNoSchedule"]),
    ("api.core.v1.Toleration", "operator", &["Equal", "Exists", "Gt", "Lt"]),
    ("api.core.v1.TopologySpreadConstraint", "nodeAffinityPolicy", &["Honor", "Ignore"]),
    ("api.core.v1.TopologySpreadConstraint", "nodeTaintsPolicy", &["Honor", "Ignore"]),
    ("api.core.v1.TopologySpreadConstraint", "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ("api.core.v1.VolumeMount", "mountPropagation", &["Bidirectional", "HostToContainer", "None"]),
    ("api.core.v1.VolumeMount", "recursiveReadOnly", &["Disabled", "Enabled", "IfPossible"]),
    ("api.discovery.v1.EndpointPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.discovery.v1.EndpointSlice", "addressType", &["FQDN", "IPv4", "IPv6"]),
    ("api.flowcontrol.v1.FlowDistinguisherMethod", "type", &["ByNamespace", "ByUser"]),
    ("api.flowcontrol.v1.LimitResponse", "type", &["Queue", "Reject"]),
    ("api.flowcontrol.v1.PriorityLevelConfigurationSpec", "type", &["Exempt", "Limited"]),
    ("api.flowcontrol.v1.Subject", "kind", &["Group", "ServiceAccount", "User"]),
    ("api.networking.v1.HTTPIngressPath", "pathType", &["Exact", "ImplementationSpecific", "Prefix"]),
    ("api.networking.v1.IngressClassParametersReference", "scope", &["Cluster", "Namespace"]),
    ("api.networking.v1.NetworkPolicyPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.networking.v1.NetworkPolicySpec", "policyTypes", &["Egress", "Ingress"]),
    ("api.policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy", &["AlwaysAllow", "IfHealthyBudget"]),
    ("api.rbac.v1.RoleRef", "apiGroup", &["rbac.authorization.k8s.io"]),
    ("api.rbac.v1.RoleRef", "kind", &["ClusterRole", "Role"]),
    ("api.rbac.v1.Subject", "kind", &["Group", "ServiceAccount", "User"]),
    ("api.resource.v1.ExactDeviceRequest", "allocationMode", &["All", "ExactCount"]),
    ("api.scheduling.v1.PriorityClass", "preemptionPolicy", &["Never", "PreemptLowerPriority"]),
    ("api.storage.v1.CSIDriverSpec", "fsGroupPolicy", &["File", "None", "ReadWriteOnceWithFSType"]),
    ("api.storage.v1.CSIDriverSpec", "volumeLifecycleModes", &["Ephemeral", "Persistent"]),
    ("api.storage.v1.StorageClass", "reclaimPolicy", &["Delete", "Retain"]),
    ("api.storage.v1.StorageClass", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition",
        "type",
        &["boolean", "date", "integer", "number", "string"],
    ),
    ("apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion", "strategy", &["None", "Webhook"]),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec",
        "scope",
        &["Cluster", "Namespaced"],
    ),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
        "x-kubernetes-list-type",
        &["atomic", "map", "set"],
    ),
    (
        "apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps",
        "x-kubernetes-map-type",
        &["atomic", "granular"],
    ),
    ("apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "operator", &["DoesNotExist", "Exists", "In", "NotIn"]),
];

/// The texts that a field of a definition may have; empty where that is not known.
pub(crate) fn of(definition: &str, field: &str) -> &'static [&'static str] {
    let found = ENUMERATIONS.binary_search_by(|(of, name, _)| (*of, *name).cmp(&(definition, field)));
    found.map_or(&[], |at| ENUMERATIONS[at].2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Field, Schema, Shape};
    use crate::tables;
    use crate::version::Version;

    #[test]
    fn the_list_is_sorted() {
        assert!(ENUMERATIONS.is_sorted_by_key(|(definition, field, _)| (*definition, *field)));
    }

    #[test]
    fn every_field_is_a_text_or_a_list_of_texts() {
        for (name, field, values) in ENUMERATIONS {
            let definition = tables::definition(name, Version::NEWEST).unwrap_or_else(|| panic!("{name}"));
            let Field::Known(of) = definition.field(field) else { panic!("{name} {field}") };
            let text = match of.shape() {
                Shape::List(item) => item,
                _ => of,
            };
            assert_eq!(text.shape(), Shape::String, "{name} {field}");
            assert_eq!(text.allowed(), *values);
        }
    }
}
