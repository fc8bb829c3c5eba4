use hullmark_sdk::prelude::*;

rule! {
    /// The command of the image runs in a shell, which keeps signals from it.
    ///
    /// ## What it checks
    ///
    /// `CMD` and `ENTRYPOINT` in shell form, a broken exec form among them. A command that begins with `exec` is accepted, for the shell then makes way; so is any after a `SHELL` instruction in the stage or in one that it is built from, for then somebody chose the shell.
    ///
    /// ## Why it matters
    ///
    /// The shell is process 1 and gets the signals: `docker stop` and Kubernetes wait for the grace period and then kill the program, which has no chance to finish its work. With an `ENTRYPOINT` in shell form, `CMD` and arguments of `docker run` are ignored.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// CMD node server.js
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the command in exec form: a JSON array with one string for each word.
    ///
    /// ## Options
    ///
    /// `healthcheck` (default `false`): whether commands of `HEALTHCHECK` must be in exec form too.
    ///
    /// ## Other tools
    ///
    /// hadolint takes the shell form of `HEALTHCHECK` for a fault too, which the option `healthcheck` does here; no signal goes to a health check. hadolint and BuildKit flag `exec` as well.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#shell-and-exec-form>
    /// - <https://docs.docker.com/reference/build-checks/json-args-recommended/>
    tags: &["reliability"],
    precision: High,
    aliases: &["DL3025", "JSONArgsRecommended"],
    options: &[OptionSpec::flag("healthcheck", false, "Whether commands of `HEALTHCHECK` must be in exec form too.")],
    checks: &[Stage(stage)],
    references: &["https://docs.docker.com/reference/dockerfile/#shell-and-exec-form", "https://docs.docker.com/reference/build-checks/json-args-recommended/"],
}

fn stage(stage: &Stage, report: &mut Report) {
    let has_shell = stage.lineage().any(|stage| stage.all("SHELL").next().is_some());
    let healthcheck = report.options().flag("healthcheck");
    for instruction in stage.instructions() {
        let is_meant = match instruction.name() {
            "CMD" | "ENTRYPOINT" => !has_shell,
            "HEALTHCHECK" => healthcheck,
            _ => false,
        };
        let Some(command) = instruction.arguments().next() else { continue };
        if !is_meant || instruction.is_exec_form() || makes_way(command.value().unwrap_or_default()) {
            continue;
        }
        report.finding(command, format!("the command of `{}` is in shell form", instruction.name()));
    }
}

/// Whether the shell is replaced by the command, or there is none.
fn makes_way(command: &str) -> bool {
    command.split_whitespace().next().is_none_or(|word| word == "exec")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn exec_form_is_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENTRYPOINT [\"a\"]\nCMD []\n"), [""; 0]);
    }

    #[test]
    fn a_chosen_shell_and_one_that_makes_way_are_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nSHELL [\"/bin/bash\", \"-c\"]\nFROM b\nCMD run\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a\nCMD exec run $PORT\n"), [""; 0]);
    }

    #[test]
    fn a_health_check_is_flagged_on_request() {
        let text = "FROM a\nHEALTHCHECK NONE\nHEALTHCHECK CMD curl localhost\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"healthcheck": true}"#).dockerfile(text), ["curl localhost"]);
    }

    #[test]
    fn shell_form_and_a_broken_exec_form_are_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENTRYPOINT run\nCMD ['a']\n"), ["run", "['a']"]);
    }
}
