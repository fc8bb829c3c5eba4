use hullmark_sdk::prelude::*;

use crate::context::{Once, Setting, linux_containers};
use crate::dockerfile_user::{is_root, is_windows, last_user, user_part, user_place};

rule! {
    /// The manifest demands a user that is not root, and the image that it runs has none that the kubelet accepts.
    ///
    /// ## What it checks
    ///
    /// Containers with `runAsNonRoot: true` and no `runAsUser`, of which a Dockerfile of the repository builds the image. Its
    /// user must be a number above 0. Image and Dockerfile belong together where the last part of the image's repository is the
    /// Dockerfile's folder (`web/Dockerfile`) or suffix (`Dockerfile.web`), or where the option says so.
    ///
    /// Where neither the Dockerfile nor a stage that it builds on has a `USER`, the base image decides, and nothing is said,
    /// unless that is `scratch`. Users in variables are not looked at.
    ///
    /// ## Why it matters
    ///
    /// The kubelet looks at the user in the image before it starts the container. It refuses root, and a name too, because it
    /// cannot tell which number the name stands for. The pod stays in `CreateContainerConfigError`.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// USER app
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: web
    ///       image: registry.example/acme/web:1.4
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile web/Dockerfile
    /// FROM debian:12
    /// USER 1000
    /// ```
    ///
    /// ```yaml
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///   containers:
    ///     - name: web
    ///       image: registry.example/acme/web:1.4
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the user in the Dockerfile as a number above 0, or set `runAsUser` in the manifest.
    ///
    /// ## Options
    ///
    /// - `images` (default: none): repositories of images with the paths of the Dockerfiles that build them, where names do not
    ///   tell: `{ghcr.io/acme/web: docker/Dockerfile}`.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Error,
    tags: &["correctness"],
    precision: High,
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    options: &[OptionSpec::IMAGES],
    checks: &[Manifests(whole_project)],
}

fn whole_project(project: &Project, report: &mut Report) {
    let mut once = Once::default();
    for build in project.builds(report.options()) {
        let Some(demand) = demand(&build.container).filter(|_| !is_windows(&build.dockerfile)) else { continue };
        let Some((fault, user)) = fault(build.dockerfile) else { continue };
        if !once.is_first(demand) {
            continue;
        }
        let message =
            format!("{} is not started: `runAsNonRoot` refuses its image, which {fault}", build.container.title());
        report.finding(demand.node, message).related(user, "the user of the image");
    }
}

/// The `runAsNonRoot` that makes the kubelet look at the user in the image.
fn demand<'a>(container: &Container<'a>) -> Option<Setting<'a>> {
    let is_subject = linux_containers(&container.pod()).any(|subject| subject.node() == container.node());
    let demand = Setting::of(container, &["runAsNonRoot"]).filter(|setting| setting.node.boolean() == Some(true))?;
    (is_subject && container.security("runAsUser").is_none()).then_some(demand)
}

/// What the kubelet does not accept about the user of an image, and where it is written.
fn fault(file: Dockerfile<'_>) -> Option<(String, Place)> {
    let Some(argument) = last_user(&file) else {
        let from_nothing = file.final_stage()?.lineage().last().filter(|root| root.base() == Some("scratch"))?;
        return Some(("runs as root".to_owned(), from_nothing.place()));
    };
    let user = user_part(argument);
    if user.is_empty() || user.contains('$') {
        return None;
    }
    let place = user_place(argument);
    if is_root(user) {
        return Some(("runs as root".to_owned(), place));
    }
    let is_number = user.bytes().all(|byte| byte.is_ascii_digit());
    (!is_number).then(|| (format!("names its user: `{user}`, not a number"), place))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(dockerfile: &str, context: &str) -> Vec<String> {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext: {{runAsNonRoot: true}}\n  containers:\n    - name: web\n      image: acme/web:1\n      securityContext: {{{context}}}\n"
        );
        project(&RULE, &[("web/Dockerfile", dockerfile), ("pod.yaml", &pod)])
    }

    #[test]
    fn what_the_kubelet_can_verify_starts() {
        for user in ["1000", "1000:root", "$UID"] {
            assert_eq!(flagged(&format!("FROM a:1\nUSER {user}\n"), ""), [""; 0], "{user}");
        }
        assert_eq!(flagged("FROM a:1\nUSER app\n", "runAsUser: 1000"), [""; 0]);
        assert_eq!(flagged("FROM a:1\nUSER app\n", "runAsNonRoot: false"), [""; 0]);
    }

    #[test]
    fn the_user_of_an_unknown_base_is_unknown() {
        assert_eq!(flagged("FROM a:1\nRUN true\n", ""), [""; 0]);
        assert_eq!(flagged("FROM a:1 AS build\nUSER root\nFROM b:1\n", ""), [""; 0]);
    }

    #[test]
    fn windows_has_no_numbers() {
        assert_eq!(flagged("FROM mcr.microsoft.com/windows/nanoserver:1\nUSER app\n", ""), [""; 0]);
    }

    #[test]
    fn the_demand_is_flagged() {
        assert_eq!(flagged("FROM a:1\nUSER root\n", ""), ["true"]);
        assert_eq!(flagged("FROM a:1\nUSER app\n", "runAsNonRoot: true"), ["true"]);
        assert_eq!(flagged("FROM a:1 AS base\nUSER 0\nFROM base\n", ""), ["true"]);
        assert_eq!(flagged("FROM scratch\nCOPY web /\n", ""), ["true"]);
    }
}
