use hullmark_sdk::prelude::*;

use crate::host_paths::HostPath;

rule! {
    /// The pod reaches a folder of the node that holds the node's own secrets, programs or devices.
    ///
    /// ## What it checks
    ///
    /// Volumes of type `hostPath` whose path is one of the option `paths`, where containers mount them. A volume that no container
    /// mounts is reported itself. Folders below these paths are passed over: many of them, such as `/etc/ssl/certs`, are harmless.
    ///
    /// ## Why it matters
    ///
    /// In `/etc` lie the keys of the kubelet and the passwords of the node's users, in `/proc` the environment of every process,
    /// in `/var/run` the sockets of the runtime. Whoever can write there is root on the node, and whoever can read there can often
    /// become it. Agents that watch or set up nodes need it; suppress the rule at these.
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
    ///       volumeMounts:
    ///         - name: settings
    ///           mountPath: /host/etc
    ///   volumes:
    ///     - name: settings
    ///       hostPath:
    ///         path: /etc
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
    ///       volumeMounts:
    ///         - name: certificates
    ///           mountPath: /etc/ssl/certs
    ///           readOnly: true
    ///   volumes:
    ///     - name: certificates
    ///       hostPath:
    ///         path: /etc/ssl/certs
    /// ```
    ///
    /// ## How to fix
    ///
    /// Mount the one folder or file that the container needs, read-only, or better a ConfigMap or a volume claim.
    ///
    /// ## Options
    ///
    /// - `paths` (default: `/`, `/boot`, `/dev`, `/etc`, `/lib`, `/proc`, `/root`, `/run`, `/sys`, `/usr`, `/var`,
    ///   `/var/lib/docker`, `/var/run`): paths of the node that pods should not reach.
    ///
    /// ## Other tools
    ///
    /// kube-linter and Trivy do not know `/root`, `/run`, `/var` and `/var/run`, and pass over a path with a slash at its end, which
    /// is the same path. Only Trivy knows `/var/lib/docker`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
    level: Warning,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-668"],
    security_severity: Some("7.0"),
    precision: Medium,
    aliases: &["sensitive-host-mounts", "KSV-0121"],
    references: &["https://kubernetes.io/docs/concepts/storage/volumes/#hostpath"],
    fragments: true,
    options: &[OptionSpec::texts(
        "paths",
        &[
            "/", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sys", "/usr", "/var", "/var/lib/docker",
            "/var/run",
        ],
        "paths of the node that pods should not reach",
    )],
    checks: &[Pod(pod)],
}

/// The paths that kube-linter and Trivy know.
const KNOWN: [&str; 8] = ["/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"];

fn pod(pod: &Pod, report: &mut Report) {
    for volume in HostPath::all(pod) {
        let is_listed = |listed: &str| listed == volume.path || listed.strip_suffix('/') == Some(volume.path);
        if !report.options().texts("paths").any(is_listed) {
            continue;
        }
        let is_known = volume.node.text().is_some_and(|written| KNOWN.contains(&written));
        let by_mount: &[_] = if is_known { &["sensitive-host-mounts"] } else { &[] };
        let by_volume: &[_] =
            if is_known || volume.node.text() == Some("/var/lib/docker") { &["KSV-0121"] } else { &[] };
        volume.report(pod, report, "which is the node's own", by_mount, by_volume);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(path: &str, mounts: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  volumes: [{{name: v, hostPath: {{path: {path}}}}}]\n  containers: [{{name: a, image: a, volumeMounts: [{mounts}]}}]\n"
        )
    }

    #[test]
    fn folders_below_and_beside_are_accepted() {
        for path in ["/etc/ssl/certs", "/etcd", "/data", "/var/log", "etc", "[/etc]"] {
            assert_eq!(manifest(&RULE, &pod(path, "{name: v}")), [""; 0], "{path}");
        }
    }

    #[test]
    fn every_mount_is_flagged() {
        assert_eq!(manifest(&RULE, &pod("/etc", "{name: v, mountPath: /a}, {name: v, mountPath: /b}")), ["v", "v"]);
        assert_eq!(manifest(&RULE, &pod("/etc/", "{name: v}")), ["v"]);
        assert_eq!(manifest(&RULE, &pod("/", "{name: v, readOnly: true}")), ["v"]);
    }

    #[test]
    fn a_volume_that_nobody_mounts_is_flagged_itself() {
        assert_eq!(manifest(&RULE, &pod("/proc", "{name: w}")), ["/proc"]);
    }

    #[test]
    fn the_message_says_who_reaches_what() {
        let found = Trial::of(&RULE).found(&[("p.yaml", &pod("/etc/", "{name: v}"))]);
        assert_eq!(found[0].finding.message(), "container `a` mounts `/etc/` of its node, which is the node's own");
    }

    #[test]
    fn the_paths_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"paths": ["/data/"]}"#);
        assert_eq!(trial.manifest(&pod("/etc", "{name: v}")), [""; 0]);
        assert_eq!(trial.manifest(&pod("/data", "{name: v}")), ["v"]);
    }
}
