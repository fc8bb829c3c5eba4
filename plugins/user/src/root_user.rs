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
    /// ## Options
    ///
    /// - `stages` (default: `final`): of which stages the last `USER` is looked at: `all`, those that the final stage needs
    ///   (`shipped`), or only the last one (`final`).
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
    options: &[OptionSpec::choice(
        "stages",
        "final",
        &["all", "shipped", "final"],
        "of which stages the last `USER` is looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
    )],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(file) = stage.from().node().document().dockerfile().filter(|_| !stage.is_implied()) else { return };
    let user = match report.options().text("stages") {
        "final" => last_user(&file),
        // Where a stage has none, that of its parent is reported there.
        _ => stage.all("USER").next_back().and_then(|user| user.arguments().next()),
    };
    let Some(argument) = user.filter(|argument| is_root(user_part(*argument))) else { return };
    let written = argument.value().unwrap_or_default();
    let message = match stage.is_final() {
        true => format!("the image runs as root: its last user is `{written}`"),
        false => format!("the stage ends as root: its last user is `{written}`"),
    };
    let finding = report.finding(user_place(argument), message);
    let is_last = file.instructions().filter(|other| other.name() == "USER").last().map(Instruction::node);
    let is_last = is_last == argument.parent();
    let (user, group) = written.split_once(':').unwrap_or((written, "root"));
    let is_written = matches!(user, "root" | "0");
    finding.aliases_if(&[
        ("DL3002", is_written),
        ("DS-0002", is_written && is_last && !group.is_empty()),
        ("CKV_DOCKER_8", written == "root" && is_last),
    ]);
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
    fn every_stage_may_be_looked_at() {
        let text = "FROM a:1 AS one\nUSER root\nFROM one\nFROM b:1 AS two\nUSER 0\nFROM c:1\nUSER app\nCOPY --from=two /a /a\n";
        let found = |stages: &str| Trial::with(&RULE, &format!(r#"{{"stages": "{stages}"}}"#)).dockerfile(text);
        assert_eq!((found("all"), found("shipped")), (vec!["root".to_owned(), "0".to_owned()], vec!["0".to_owned()]));
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
