use hullmark_sdk::prelude::*;

use crate::requirements::{Limit, is_subject, limit};

/// The names of the tools that look at init containers too.
const INIT_ALIASES: &[&str] = &["container-resources", "KSV-0011", "CKV_K8S_11"];

rule! {
    /// The container has no CPU limit, so it may take all processor time that its node has to spare.
    ///
    /// ## What it checks
    ///
    /// Main containers, init containers and sidecars of every pod, those of Jobs included. A container is accepted when
    /// it has `resources.limits.cpu` itself, or when its pod has (`spec.resources`, Kubernetes 1.34 and later). A limit
    /// of zero is no limit: Kubernetes passes zero on to the runtime as "not specified".
    ///
    /// The rule is off by default, because it is disputed; see below.
    ///
    /// ## Why it matters
    ///
    /// There are two schools, and both have reasons.
    ///
    /// For a limit: run times become predictable, a container cannot grow used to time that it was never promised, and
    /// only pods with limits on CPU and memory get the class Guaranteed, which exclusive cores need. Where several
    /// customers share a node or time is billed, limits are a must.
    ///
    /// Against it: processor time, other than memory, can be taken back at once. Requests alone already share it fairly
    /// when it is short; a limit stops a container although the node is idle, and this throttling makes slow requests
    /// slower.
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
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         requests:
    ///           cpu: 250m
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
    ///       image: registry.example/web:1.4
    ///       resources:
    ///         limits:
    ///           cpu: "1"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `resources.limits.cpu` well above what the container uses when it is busy.
    ///
    /// ## Options
    ///
    /// `init-containers`: whether init containers that end before the others start are looked at.
    ///
    /// ## Other tools
    ///
    /// kube-score, Polaris, Trivy and Checkov demand a CPU limit by default; kube-linter stopped doing so. None of them
    /// reads the resources of the pod. Trivy, Checkov and Polaris accept a limit of `"0"`, which means none.
    level: Note,
    enabled: false,
    tags: &["reliability"],
    precision: High,
    aliases: &["container-resources", "cpuLimitsMissing", "KSV-0011", "CKV_K8S_11"],
    references: &[
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/",
    ],
    options: &[OptionSpec::flag(
        "init-containers",
        true,
        "Whether init containers that end before the others start are looked at.",
    )],
    checks: &[Container(container)],
}

fn container(container: &Container, report: &mut Report) {
    if !is_subject(container, report) {
        return;
    }
    let title = container.title();
    match limit(container, "cpu") {
        Limit::Set => {}
        Limit::Missing => {
            let anchor = container.anchor(&["resources", "limits", "cpu"]);
            let finding = report.finding(anchor, format!("{title} has no CPU limit"));
            if container.role() != Role::Main {
                finding.aliases(INIT_ALIASES);
            }
        }
        Limit::Zero(zero) => {
            let written = zero.value().unwrap_or_default();
            let message = format!("{title} has the CPU limit `{written}`, which means no limit");
            // The others ask only whether something is written.
            report.finding(zero, message).aliases(&["container-resources"]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(container: &str) -> String {
        format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers: [{container}]\n")
    }

    #[test]
    fn a_limit_is_enough() {
        assert_eq!(manifest(&RULE, &pod("{name: web, resources: {limits: {cpu: 0.5}}}")), [""; 0]);
    }

    #[test]
    fn a_limit_of_zero_is_none() {
        assert_eq!(manifest(&RULE, &pod("{name: web, resources: {limits: {cpu: 0m}}}")), ["0m"]);
    }

    #[test]
    fn a_request_is_no_limit() {
        assert_eq!(manifest(&RULE, &pod("{name: web, resources: {requests: {cpu: 1}}}")), ["resources"]);
    }
}
