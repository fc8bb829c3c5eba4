use hullmark_sdk::prelude::*;

use crate::base::{self, Sh};
use crate::shellcheck;

rule! {
    /// `echo` prints the backslash of `\n` and its like, in this shell or in another one.
    ///
    /// ## What it checks
    ///
    /// `echo` without options whose text has an escape such as `\n` or `\t`, where bash or BusyBox reads the script:
    /// they print it as it is. The `sh` of Debian and Ubuntu, dash, replaces it. Which one an image has is known of
    /// well-known images.
    ///
    /// ## Why it matters
    ///
    /// The file or the message has a backslash and a letter where a line end or a tab was meant.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN echo "[main]\nfastestmirror=1" > /etc/dnf/dnf.conf
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM fedora:43
    /// RUN printf '[main]\nfastestmirror=1\n' > /etc/dnf/dnf.conf
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use `printf`, which replaces escapes in every shell.
    ///
    /// ## Options
    ///
    /// `portable` (default `false`): whether such texts are flagged whatever shell reads the script.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, does not know the image and always flags them.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/echo.html>
    tags: &["portability"],
    precision: Medium,
    aliases: &["SC2028"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/echo.html"],
    options: &[OptionSpec::flag("portable", false, "Whether such texts are flagged whatever shell reads the script.")],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    if command.name() != Some("echo") || command.is_exec_form() || command.flag(&["-e"]).is_some() {
        return;
    }
    let portable = report.options().flag("portable");
    for word in command.words().skip(1).filter(|word| word.is_quoted()) {
        let text = word.text().unwrap_or(word.raw());
        // `PS1="…\u@\h…"` is read by another shell, which knows these escapes.
        let Some(escape) = escape(text).filter(|_| is_quoted_escape(word) && !text.contains("PS1")) else { continue };
        if !portable && !keeps_escapes(command.script()) {
            return;
        }
        let finding = report.finding(word, format!("`echo` does not replace `{escape}` in every shell"));
        finding.aliases(shellcheck::ids(command.script(), &["SC2028"]));
    }
}

/// Whether `echo` is known to print escapes as they are in the shell of a script. That of zsh and of ksh is not.
fn keeps_escapes(script: Script) -> bool {
    match base::reader(script) {
        Sh::Busybox => true,
        Sh::Large => matches!(script.shell(), Some("sh" | "bash" | "rbash")),
        Sh::Dash | Sh::Unknown => false,
    }
}

/// The first escape of a text that some `echo` replaces.
fn escape(text: &str) -> Option<&str> {
    let meant = |at: usize| text.as_bytes().get(at + 1).is_some_and(|next| b"0abefnrtvx".contains(next));
    text.match_indices('\\').map(|(at, _)| at).find(|&at| meant(at)).map(|at| &text[at..at + 2])
}

/// Whether the text stands in quotes: a backslash outside them is the shell's.
fn is_quoted_escape(word: Word) -> bool {
    let holds = |part: Part| {
        let inner = word.parts().filter(|inner| inner.parent().map(Part::place) == Some(part.place()));
        // What a substitution holds is not printed.
        let text = inner.fold(part.text(), |text, inner| text.replace(&inner.text(), ""));
        escape(&text).is_some()
    };
    word.parts()
        .filter(|part| part.parent().is_none())
        .any(|part| matches!(part.kind(), PartKind::SingleQuoted | PartKind::DoubleQuoted) && holds(part))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn texts_that_are_printed_as_meant_are_accepted() {
        for run in [
            "echo -e 'a\\nb'",
            "echo 'a\\d'",
            "echo a\\nb",
            "printf 'a\\n'",
            "echo \"PS1='\\u\\n'\"",
            "echo 'a' \\\n 'b'",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM alpine\nRUN {run}\n")), [""; 0], "{run}");
        }
        assert_eq!(dockerfile(&RULE, "FROM debian\nRUN echo 'a\\nb'\nFROM x\nRUN echo 'a\\nb'\n"), [""; 0]);
    }

    #[test]
    fn escapes_that_stay_are_flagged() {
        let text =
            "FROM alpine\nRUN echo 'a\\nb' \"$c\\t\"\nFROM debian\nSHELL [\"bash\", \"-c\"]\nRUN echo \"d\\\\n\"\n";
        assert_eq!(dockerfile(&RULE, text), ["'a\\nb'", "\"$c\\t\"", "\"d\\\\n\""]);
    }

    #[test]
    fn all_are_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"portable": true}"#);
        assert_eq!(trial.dockerfile("FROM debian\nRUN echo 'a\\nb'\n"), ["'a\\nb'"]);
    }
}
