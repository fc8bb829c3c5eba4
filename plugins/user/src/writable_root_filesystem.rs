use hullmark_sdk::prelude::*;

use crate::context::linux_containers;
use crate::insertion::{insertion, replacement};

rule! {
    /// The container may write to its own image's file system.
    ///
    /// ## What it checks
    ///
    /// `readOnlyRootFilesystem` of every container of a pod that does not run on Windows: it must be `true`. A pod has no such
    /// field for its containers to take.
    ///
    /// ## Why it matters
    ///
    /// An attacker who can write to the file system can put down tools and change the program that runs next. A service that
    /// writes there also loses what it wrote at every restart, and fills the node's disk instead of a volume.
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
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    ///       securityContext:
    ///         readOnlyRootFilesystem: true
    ///       volumeMounts:
    ///         - name: scratch
    ///           mountPath: /tmp
    ///   volumes:
    ///     - name: scratch
    ///       emptyDir: {}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `readOnlyRootFilesystem: true` in the container's `securityContext`, and mount an `emptyDir` where it has to write.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Warning,
    tags: &["security", "external/cwe/cwe-732"],
    security_severity: Some("3.5"),
    aliases: &[
        "no-read-only-root-fs", "container-security-context-readonlyrootfilesystem", "notReadOnlyRootFilesystem", "KSV-0014",
        "CKV_K8S_22",
    ],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    fragments: true,
    checks: &[Pod(pod)],
}

const TITLE: &str = "make the root file system read-only";

fn pod(pod: &Pod, report: &mut Report) {
    for container in linux_containers(pod) {
        match container.at(&["securityContext", "readOnlyRootFilesystem"]) {
            Some(written) if written.boolean() == Some(false) => writable(&container, Some(written), report),
            // A patch leaves the field to the object that it patches.
            None if !container.document().is_fragment() => writable(&container, None, report),
            _ => {}
        }
    }
}

fn writable(container: &Container, written: Option<Node>, report: &mut Report) {
    let place = written.map_or_else(|| container.anchor(&["securityContext", "readOnlyRootFilesystem"]), Node::place);
    let finding = report.finding(place, format!("{} has a writable root file system", container.title()));
    if container.role() == Role::Ephemeral {
        finding.aliases(&["no-read-only-root-fs"]);
    }
    let fix = match written {
        Some(written) => replacement(TITLE, written, "true"),
        None => container
            .get("securityContext")
            .and_then(|context| insertion(TITLE, context, &["readOnlyRootFilesystem: true"])),
    };
    if let Some(fix) = fix {
        finding.fix(fix);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(spec: &str, context: &str) -> Vec<String> {
        manifest(
            &RULE,
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  {spec}\n  containers:\n    - {{name: a, image: a, securityContext: {{{context}}}}}\n"
            ),
        )
    }

    #[test]
    fn other_types_and_windows_are_passed_over() {
        assert_eq!(flagged("os: {name: linux}", "readOnlyRootFilesystem: 'false'"), [""; 0]);
        assert_eq!(flagged("os: {name: windows}", ""), [""; 0]);
    }

    #[test]
    fn true_is_accepted_at_the_container_only() {
        assert_eq!(flagged("securityContext: {}", "readOnlyRootFilesystem: true"), [""; 0]);
        assert_eq!(flagged("securityContext: {readOnlyRootFilesystem: true}", ""), ["securityContext"]);
    }

    #[test]
    fn false_is_flagged() {
        assert_eq!(flagged("securityContext: {}", "readOnlyRootFilesystem: false"), ["false"]);
    }

    #[test]
    fn the_fix_makes_it_read_only() {
        let start = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: a\n      securityContext:\n";
        let trial = Trial::of(&RULE);
        for context in ["        runAsUser: 1\n", "        readOnlyRootFilesystem: false\n"] {
            assert_eq!(trial.manifest(&trial.fixed("p.yaml", &format!("{start}{context}"))), [""; 0], "{context}");
        }
    }
}
