use hullmark_sdk::prelude::*;

use crate::dockerfile_user::{is_root, is_windows, last_user, user_part, user_place};

rule! {
    /// The user is a name, so Kubernetes cannot tell that it is not root.
    ///
    /// ## What it checks
    ///
    /// The `USER` that holds at the end of the final stage: its last one or, where it has none, the last one of the stage that
    /// it is built from. The user must be a number; the group may be anything. Variables are passed over, root is
    /// `user/root-user`, and images of Windows have no numbers.
    ///
    /// ## Why it matters
    ///
    /// With `runAsNonRoot: true` the kubelet refuses to start a container whose image names its user, since only the image's
    /// own `/etc/passwd` knows the number behind it. Every manifest then has to repeat the number as `runAsUser`.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:24.9.0
    /// USER node
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:24.9.0
    /// USER 1000:node
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the user's number instead of its name.
    ///
    /// ## Options
    ///
    /// - `every` (default: `false`): want a number of every `USER`, not only of the one that holds in the end: of root, of
    ///   Windows, and of all variables but those that an `ARG` above declares.
    ///
    /// ## Other tools
    ///
    /// hadolint does what the option says.
    ///
    /// ## References
    ///
    /// - <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>
    level: Note,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("2.0"),
    aliases: &["DL3066"],
    references: &["https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"],
    options: &[OptionSpec::flag("every", false, "whether every `USER`, that of root and variables too, must be a number")],
    checks: &[Dockerfile(judge)],
}

fn judge(file: &Dockerfile, report: &mut Report) {
    if report.options().flag("every") {
        file.instructions().filter(|user| user.name() == "USER").for_each(|user| every(file, &user, report));
        return;
    }
    let Some(argument) = last_user(file) else { return };
    let user = user_part(argument);
    let is_number = user.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || user.contains('$') || is_root(user) || is_windows(file) {
        return;
    }
    report
        .finding(user_place(argument), format!("user `{user}` is a name, which `runAsNonRoot` cannot tell from root"));
}

fn every(file: &Dockerfile, user: &Instruction, report: &mut Report) {
    let Some(argument) = user.arguments().next() else { return };
    let written = argument.value().unwrap_or_default();
    let name = written.split(':').next().unwrap_or_default();
    let above = file.instructions().take_while(|other| other.node() != user.node());
    let is_argument = above
        .filter(|other| other.name() == "ARG")
        .flat_map(Instruction::pairs)
        .filter_map(Node::key)
        .any(|name| written.contains(&format!("${name}")) || written.contains(&format!("${{{name}}}")));
    if !is_argument && !name.bytes().all(|byte| byte.is_ascii_digit()) {
        report.finding(argument.part(0, name), format!("user `{name}` is no number"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn numbers_variables_and_root_are_passed_over() {
        for user in ["1000", "1000:1000", "1000:app", ":1000", "$APP_UID", "${APP}:app", "root", "0", "\"1000\""] {
            assert_eq!(dockerfile(&RULE, &format!("FROM a:1\nUSER {user}\n")), [""; 0], "{user}");
        }
    }

    #[test]
    fn only_the_user_that_holds_in_the_end_counts() {
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS build\nUSER app\nFROM b:1\nUSER app\nUSER 10\n"), [""; 0]);
    }

    #[test]
    fn every_user_may_have_to_be_a_number() {
        let text = "FROM a:1\nUSER root:1\nUSER $B\nARG B\nUSER ${B}\nUSER 5:app\nFROM b:1\nUSER app\n";
        assert_eq!(Trial::with(&RULE, r#"{"every": true}"#).dockerfile(text), ["root", "$B", "app"]);
    }

    #[test]
    fn windows_has_no_numbers() {
        assert_eq!(dockerfile(&RULE, "FROM mcr.microsoft.com/windows/nanoserver:1\nUSER ContainerUser\n"), [""; 0]);
    }

    #[test]
    fn the_name_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER app:1000\n"), ["app"]);
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS b\nUSER 10a\nFROM b\n"), ["10a"]);
    }
}
