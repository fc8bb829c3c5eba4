use hullmark_sdk::prelude::*;

rule! {
    /// The command of the image runs in a shell, which keeps signals from it.
    ///
    /// ## What it checks
    ///
    /// `CMD` and `ENTRYPOINT` in shell form, a broken exec form among them. A command that begins with `exec` is accepted, for the
    /// shell then makes way; so is any in a stage with a `SHELL` instruction, its own or that of one that it is built from, for
    /// then somebody chose the shell.
    ///
    /// ## Why it matters
    ///
    /// The shell is process 1 and gets the signals: `docker stop` and Kubernetes wait for the grace period and then kill the
    /// program, which has no chance to finish its work. With an `ENTRYPOINT` in shell form, `CMD` and arguments of `docker run`
    /// are ignored.
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
    /// - `healthcheck` (default `false`): whether commands of `HEALTHCHECK` must be in exec form too.
    /// - `exec` (default `false`): whether a command that begins with `exec` is a fault too.
    /// - `chosen-shell` (default `false`): whether a command in a stage with a `SHELL` instruction is a fault too.
    ///
    /// ## Other tools
    ///
    /// hadolint flags all of these, as the options do here: no signal goes to a health check. BuildKit flags `exec`, and
    /// accepts a chosen shell.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#shell-and-exec-form>
    /// - <https://docs.docker.com/reference/build-checks/json-args-recommended/>
    tags: &["reliability"],
    precision: High,
    aliases: &["DL3025", "JSONArgsRecommended"],
    options: &[
        OptionSpec::flag("healthcheck", false, "Whether commands of `HEALTHCHECK` must be in exec form too."),
        OptionSpec::flag("exec", false, "Whether a command that begins with `exec` is a fault too."),
        OptionSpec::flag("chosen-shell", false, "Whether a command in a stage with a `SHELL` instruction is a fault too."),
    ],
    checks: &[Instruction("CMD", command), Instruction("ENTRYPOINT", command), Instruction("HEALTHCHECK", healthcheck)],
    references: &["https://docs.docker.com/reference/dockerfile/#shell-and-exec-form", "https://docs.docker.com/reference/build-checks/json-args-recommended/"],
}

fn command(instruction: &Instruction, report: &mut Report) {
    let stage = instruction.stage();
    let has_shell = stage.is_some_and(|stage| stage.lineage().any(|stage| stage.all("SHELL").next().is_some()));
    if !has_shell {
        judge(instruction, &["DL3025", "JSONArgsRecommended"], report);
    } else if report.options().flag("chosen-shell") {
        judge(instruction, &["DL3025"], report);
    }
}

fn healthcheck(instruction: &Instruction, report: &mut Report) {
    if report.options().flag("healthcheck") {
        judge(instruction, &["DL3025"], report);
    }
}

fn judge(instruction: &Instruction, aliases: &[&'static str], report: &mut Report) {
    let Some(command) = instruction.arguments().next().filter(|_| !instruction.is_exec_form()) else { return };
    let makes_way = makes_way(command.value().unwrap_or_default());
    if makes_way && !report.options().flag("exec") {
        return;
    }
    report.finding(command, format!("the command of `{}` is in shell form", instruction.name())).aliases(aliases);
}

/// Whether the shell is replaced by the command.
fn makes_way(command: &str) -> bool {
    command.split_whitespace().next() == Some("exec")
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
    fn whoever_makes_way_is_flagged_on_request() {
        let text = "FROM a\nCMD exec run\nFROM b\nSHELL [\"bash\", \"-c\"]\nCMD run\n";
        assert_eq!(Trial::with(&RULE, r#"{"exec": true}"#).dockerfile(text), ["exec run"]);
        assert_eq!(Trial::with(&RULE, r#"{"chosen-shell": true}"#).dockerfile(text), ["run"]);
    }

    #[test]
    fn shell_form_and_a_broken_exec_form_are_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a\nCMD ['a']\nENTRYPOINT run\n"), ["['a']", "run"]);
    }
}
