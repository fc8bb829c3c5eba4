use hullmark_sdk::prelude::*;

use crate::{shellcheck, words};

rule! {
    /// The failure of a command is lost, because `export` or `local` takes its output and succeeds.
    ///
    /// ## What it checks
    ///
    /// Substitutions in the assignments of `export`, `readonly`, `local`, `declare` and `typeset`. Commands that do not
    /// fail, as `pwd`, `date` and `mktemp -d` practically do, are accepted.
    ///
    /// ## Why it matters
    ///
    /// The exit status is that of `export`, which is 0. Neither `&&` nor `set -e` notices that the command failed, and
    /// the build goes on with an empty value.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN export VERSION="$(cat /opt/version)" && make install
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN VERSION="$(cat /opt/version)" && export VERSION && make install
    /// ```
    ///
    /// ## How to fix
    ///
    /// Assign first, then export.
    ///
    /// ## Options
    ///
    /// `always` (default `false`): whether commands that practically do not fail are flagged too.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, takes no command for one that cannot fail.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#export>
    level: Note,
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2155"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#export"],
    options: &[OptionSpec::flag("always", false, "Whether commands that practically do not fail are flagged too.")],
    checks: &[Command(command)],
}

/// Commands that do not fail, or only where nothing works.
const SURE: [&str; 14] = [
    "arch", "basename", "date", "dirname", "echo", "hostname", "id", "mktemp", "nproc", "printf", "pwd", "true",
    "uname", "whoami",
];

fn command(command: &Command, report: &mut Report) {
    if !words::is_declaration(*command) {
        return;
    }
    let always = report.options().flag("always");
    let builtin = command.name().unwrap_or_default();
    for word in command.words().skip(1) {
        let Some(name) = words::declared_name(word) else { continue };
        let Some(part) = word.parts().find(|part| part.is_substitution() && (always || may_fail(*part))) else {
            continue;
        };
        let finding = report.finding(part, format!("`{builtin}` succeeds even when this command fails"));
        // ShellCheck does not see through quotes around the whole, nor into `${a:-$(b)}`.
        let is_plain =
            word.raw().starts_with(name) && part.parent().is_none_or(|it| it.kind() == PartKind::DoubleQuoted);
        finding.aliases(if is_plain { shellcheck::ids(command.script(), &["SC2155"]) } else { &[] });
        if builtin == "export" && command.words().count() == 2 && is_plain && command.redirections().next().is_none() {
            let keyword = command.place().span;
            let before = Span::new(keyword.start, word.place().span.start);
            let document = command.instruction().node().document();
            let fix = Fix::needs_review("assign first, then export").replace(document.place(before), "");
            finding.fix(fix.insert_after(word, format!(" && export {name}")));
        }
    }
}

/// Whether the last command of a substitution is one that may fail.
fn may_fail(part: Part) -> bool {
    let own =
        part.commands().filter(|command| command.substitutions().next().map(|it| it.place()) == Some(part.place()));
    let last = own.last();
    let is_lookup = |command: Command| command.name() == Some("dpkg") && command.has_flag(&["--print-architecture"]);
    last.is_some_and(|last| !last.name().is_some_and(|name| SURE.contains(&name)) && !is_lookup(last))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_status_that_counts_is_accepted() {
        for run in [
            "A=$(b) && export A",
            "export A=b B=\"$C\"",
            "A=$(b) c",
            "export A=$(date +%s) B=\"$(pwd)\"",
            "export A='$(b)'",
            "echo A=$(b)",
            "export $(b)",
            "export GNUPGHOME=\"$(mktemp -d)\"",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_status_that_is_lost_is_flagged() {
        let text = "FROM x\nRUN export A=$(b) C=\"d/`e`\" && export \"F=$(g $(pwd))\"\n";
        assert_eq!(dockerfile(&RULE, text), ["$(b)", "`e`", "$(g $(pwd))"]);
        assert_eq!(Trial::with(&RULE, r#"{"always": true}"#).dockerfile("FROM x\nRUN export A=$(pwd)\n"), ["$(pwd)"]);
    }

    #[test]
    fn the_fix_assigns_first() {
        let fixed = |run: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM x\nRUN {run}\n"));
        assert_eq!(fixed("export A=\"$(b)\" && c"), "FROM x\nRUN A=\"$(b)\" && export A && c\n");
        assert_eq!(fixed("export A=$(b) C"), "FROM x\nRUN export A=$(b) C\n");
    }
}
