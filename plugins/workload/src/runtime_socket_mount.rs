use hullmark_sdk::prelude::*;

use crate::host_paths::HostPath;

rule! {
    /// The pod reaches the socket of the node's container runtime, and with it the whole node.
    ///
    /// ## What it checks
    ///
    /// Volumes of type `hostPath` whose last part is one of the option `sockets`, where containers mount them. A volume that no
    /// container mounts is reported itself.
    ///
    /// ## Why it matters
    ///
    /// Whoever may speak to the runtime may start a privileged container with the node's file system in it. The socket is root on
    /// the node, and what it does is seen by neither the API server nor its policies. A read-only mount changes nothing about that.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: builder
    /// spec:
    ///   containers:
    ///     - name: builder
    ///       image: builder:1.2
    ///       volumeMounts:
    ///         - name: docker
    ///           mountPath: /var/run/docker.sock
    ///   volumes:
    ///     - name: docker
    ///       hostPath:
    ///         path: /var/run/docker.sock
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: builder
    /// spec:
    ///   containers:
    ///     - name: builder
    ///       image: moby/buildkit:v0.25.0-rootless
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the volume. Build images with a builder that needs no daemon of the node, such as rootless BuildKit, and read about
    /// containers from the API server or the kubelet.
    ///
    /// ## Options
    ///
    /// - `sockets` (default: `containerd.sock`, `cri-dockerd.sock`, `crio.sock`, `docker.sock`, `docker_engine`, `podman.sock`):
    ///   names of the sockets, without their folder. `docker_engine` is the pipe of Docker on Windows.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov know `/var/run/docker.sock` only, and kube-linter the sockets of Docker. None of them knows containerd or
    /// CRI-O.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/engine/security/#docker-daemon-attack-surface>
    /// - <https://kubernetes.io/docs/concepts/storage/volumes/#hostpath>
    level: Error,
    tags: &["security", "pod-security-baseline", "external/cwe/cwe-250"],
    security_severity: Some("8.8"),
    precision: High,
    aliases: &["docker-sock", "KSV-0006", "CKV_K8S_27"],
    references: &[
        "https://docs.docker.com/engine/security/#docker-daemon-attack-surface",
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
    ],
    fragments: true,
    options: &[OptionSpec::texts(
        "sockets",
        &["containerd.sock", "cri-dockerd.sock", "crio.sock", "docker.sock", "docker_engine", "podman.sock"],
        "names of sockets of container runtimes",
    )],
    checks: &[Pod(pod)],
}

fn pod(pod: &Pod, report: &mut Report) {
    for volume in HostPath::all(pod) {
        let name = volume.path.rsplit(['/', '\\']).next().unwrap_or_default();
        if !report.options().texts("sockets").any(|socket| socket == name) {
            continue;
        }
        let by_mount: &[_] = if volume.path.ends_with("docker.sock") { &["docker-sock"] } else { &[] };
        let by_volume: &[_] =
            if volume.node.text() == Some("/var/run/docker.sock") { &["KSV-0006", "CKV_K8S_27"] } else { &[] };
        volume.report(pod, report, "which is as good as root there", by_mount, by_volume);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn pod(path: &str, mounts: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  volumes: [{{name: v, hostPath: {{path: '{path}'}}}}]\n  containers: [{{name: a, image: a, volumeMounts: [{mounts}]}}]\n"
        )
    }

    #[test]
    fn other_files_and_other_volumes_are_accepted() {
        for path in ["/var/run/docker.sock.d", "/var/run/dockershim", "/var/run/my-docker.sock", "/docker.sock/a"] {
            assert_eq!(manifest(&RULE, &pod(path, "{name: v}")), [""; 0], "{path}");
        }
        let named = pod("/data", "{name: docker.sock}");
        assert_eq!(manifest(&RULE, &named), [""; 0]);
    }

    #[test]
    fn the_mount_is_flagged() {
        for path in ["/var/run/docker.sock", "/run/containerd/containerd.sock", "\\\\.\\pipe\\docker_engine"] {
            assert_eq!(manifest(&RULE, &pod(path, "{name: v, readOnly: true}, {name: w}")), ["v"], "{path}");
        }
    }

    #[test]
    fn a_volume_that_nobody_mounts_is_flagged_itself() {
        assert_eq!(manifest(&RULE, &pod("/run/crio/crio.sock", "{name: w}")), ["'/run/crio/crio.sock'"]);
    }

    #[test]
    fn the_sockets_can_be_set() {
        let trial = Trial::with(&RULE, r#"{"sockets": ["my.sock"]}"#);
        assert_eq!(trial.manifest(&pod("/run/docker.sock", "{name: v}")), [""; 0]);
        assert_eq!(trial.manifest(&pod("/run/my.sock", "{name: v}")), ["v"]);
    }
}
