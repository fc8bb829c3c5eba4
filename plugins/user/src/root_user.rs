use hullmark_sdk::prelude::*;

use crate::dockerfile_user::{is_root, last_user, user_part, user_place};

rule! {
    /// The image runs as root, because its last `USER` says so.
    ///
    /// ## What it checks
    ///
    /// The `USER` that holds at the end of the final stage: its last one or, where it has none, the last one of the stage that
    /// it is built from. `root` and `0` are root, with and without a group. Variables are passed over.
    ///
    /// ## Why it matters
    ///
    /// Root in a container is root on the node as soon as something lets it out: a bug of the kernel, a mounted socket, a file
    /// of the host. As another user the same bug yields next to nothing. Kubernetes can refuse such images (`runAsNonRoot`).
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// USER app
    /// RUN ./configure
    /// USER root
    /// CMD ["server"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1 AS build
    /// USER root
    /// RUN apt-get update
    ///
    /// FROM debian:13.1
    /// USER root
    /// RUN useradd --uid 10001 app
    /// USER 10001
    /// CMD ["server"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the final stage with a `USER` that is not root.
    ///
    /// ## Other tools
    ///
    /// hadolint reports every stage, Trivy and Checkov the last `USER` of the file whichever stage it stands in. A stage that
    /// only builds may well be root: nothing of its user reaches the image.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#user>
    /// - <https://docs.docker.com/build/building/best-practices/#user>
    level: Warning,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("6.5"),
    aliases: &["DL3002", "DS-0002", "CKV_DOCKER_8"],
    references: &[
        "https://docs.docker.com/reference/dockerfile/#user",
        "https://docs.docker.com/build/building/best-practices/#user",
    ],
    checks: &[Dockerfile(judge)],
}

fn judge(file: &Dockerfile, report: &mut Report) {
    let Some(argument) = last_user(file).filter(|argument| is_root(user_part(*argument))) else { return };
    let message = format!("the image runs as root: its last user is `{}`", argument.value().unwrap_or_default());
    let finding = report.finding(user_place(argument), message);
    if argument.value() != Some("root") {
        // Checkov knows root by its bare name only.
        finding.aliases(&["DL3002", "DS-0002"]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn only_the_last_user_counts() {
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER root\nUSER app\n"), [""; 0]);
    }

    #[test]
    fn a_stage_that_only_builds_may_be_root() {
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS build\nUSER root\nFROM b:1\nCOPY --from=build /a /a\n"), [""; 0]);
    }

    #[test]
    fn the_parent_counts_where_the_final_stage_has_no_user() {
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS base\nUSER 0\nFROM base\nRUN ls\n"), ["0"]);
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS base\nUSER 0\nFROM base\nUSER app\n"), [""; 0]);
    }

    #[test]
    fn names_are_case_sensitive_and_variables_unknown() {
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER Root\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER rooter\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER $UID\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER 1000:0\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nONBUILD USER root\n"), [""; 0]);
    }

    #[test]
    fn the_user_is_flagged_without_its_group() {
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER root:root\n"), ["root"]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER 0:1000\n"), ["0"]);
    }
}
