use hullmark_sdk::prelude::*;

use crate::values::Values;
use crate::{shellcheck, words};

rule! {
    /// A variable without quotes is split at blanks, where one that is empty or has a blank does harm.
    ///
    /// ## What it checks
    ///
    /// Variables outside double quotes among the operands of `[` and `test`, and among the paths of `rm`, `rmdir`,
    /// `mv`, `cp`, `ln`, `chmod`, `chown` and `chgrp`. Nothing is said of a variable that is known to be one word: a
    /// number such as `$?`, what the script gives it as plain text, what `ARG` and `ENV` give it, `$TARGETARCH`,
    /// `$HOME` and their like.
    ///
    /// ## Why it matters
    ///
    /// The shell splits what an unquoted variable holds at blanks, takes `*` in it for a pattern, and drops it where it
    /// is empty. `[ $MODE = dev ]` is an error when `MODE` is empty, and `rm -r $dir` removes two other things when
    /// `dir` has a blank.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG MODE
    /// RUN if [ $MODE = dev ]; then make install-dev; fi
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ARG MODE
    /// RUN if [ "$MODE" = dev ]; then make install-dev; fi
    /// ```
    ///
    /// ## How to fix
    ///
    /// Put the variable into double quotes. Where it is meant to be several words, leave it.
    ///
    /// ## Options
    ///
    /// `everywhere` (default `false`): whether the arguments of all commands are looked at, and targets of
    /// redirections.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, looks everywhere; what `ARG` and `ENV` declare it takes for one word even without
    /// a value.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_05>
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2086"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_06_05"],
    options: &[OptionSpec::flag(
        "everywhere",
        false,
        "Whether the arguments of all commands are looked at, and targets of redirections.",
    )],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let everywhere = report.options().flag("everywhere");
    let mut values = Values::default();
    // `: ${name:=value}` does nothing but give a default.
    for command in file.commands().filter(|command| !command.is_exec_form() && command.name() != Some(":")) {
        let risky: Vec<Word> = risky(command).collect();
        let words = if everywhere { words::split(command).collect() } else { risky.clone() };
        for word in words.into_iter().filter(|word| word.may_split()) {
            let is_risky = risky.iter().any(|risky| risky.place() == word.place());
            for part in word.parts().filter(|part| part.kind() == PartKind::Variable && part.parent().is_none()) {
                values.look_at(command);
                let is_one_word = values.is_one_word(part);
                let is_declared = values.is_declared(part.name().unwrap_or_default());
                // What ShellCheck sees.
                let is_seen = !is_one_word && !is_declared;
                if is_list(part) || if is_risky { values.is_harmless(part) } else { !is_seen } {
                    continue;
                }
                let text = part.text();
                let finding = report.finding(part, format!("`{text}` is split at blanks: it stands outside quotes"));
                finding.aliases(if is_seen { shellcheck::ids(command.script(), &["SC2086"]) } else { &[] });
                if shellcheck::is_verbatim(command) {
                    let title = format!("quote `{text}`");
                    let fix = if is_test(command) { Fix::safe(title) } else { Fix::needs_review(title) };
                    finding.fix(fix.insert_before(part, "\"").insert_after(part, "\""));
                }
            }
        }
    }
}

/// Words where a variable that is empty or has a blank does harm.
fn risky(command: Command<'_>) -> impl Iterator<Item = Word<'_>> {
    let inner = command.unwrapped();
    let skipped = match inner.name() {
        Some("[" | "test" | "rm" | "rmdir" | "mv" | "cp" | "ln") => 0,
        // The mode, the owner.
        Some("chmod" | "chown" | "chgrp") => 1,
        _ => usize::MAX,
    };
    inner.arguments().skip(skipped)
}

fn is_test(command: Command) -> bool {
    matches!(command.name(), Some("[" | "test"))
}

/// Whether it stands for all arguments, or all elements of an array: another rule's business.
fn is_list(part: Part) -> bool {
    part.name() == Some("@") || matches!(part.subscript(), Some("@" | "*"))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_is_one_word_is_accepted() {
        for run in [
            "[ \"$A\" = b ]",
            "[ $? -eq 0 ] && test $# = 1 && rm /tmp/$$",
            "rm ${#A}",
            "[ $KNOWN = 1 ]",
            "rm -r $HOME/x $TARGETARCH",
            "a=b; rm $a",
            "a=b; c=$a/d; rm $c",
            "for a in b c; do rm $a; done",
            "n=$((1 + 1)); [ $n = 2 ]",
            "chown $A:$B /x",
            "[[ $A = b ]]",
            "apt-get install -y $A",
            "rm $(a $b)",
            "rm \"$(a $b)\"",
            "rm ${A:+b}",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nENV KNOWN=1\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn what_may_be_none_or_several_words_is_flagged() {
        let text = "FROM x\nARG A\nRUN [ $A = b ]; sudo rm -rf /x/${B:-$C}/\\\n$D; d=$(e) && cp $d f && chmod 755 $1\n";
        assert_eq!(dockerfile(&RULE, text), ["$A", "${B:-$C}", "$D", "$d", "$1"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN a='b c'; rm $a; a=; [ $a ]; read b; rm $b\n"), ["$a", "$a", "$b"]);
    }

    #[test]
    fn all_commands_are_looked_at_on_request() {
        let text = "FROM x\nARG A\nRUN a $A $B >$C; $D; e=$F; export g=$H; for i in $J; do :; done\n";
        assert_eq!(Trial::with(&RULE, r#"{"everywhere": true}"#).dockerfile(text), ["$B", "$C", "$H"]);
        let bash = "FROM x\nSHELL [\"bash\", \"-c\"]\nRUN export g=$H\n";
        assert_eq!(Trial::with(&RULE, r#"{"everywhere": true}"#).dockerfile(bash), [""; 0]);
    }

    #[test]
    fn the_fix_quotes_where_quotes_mean_quotes() {
        let fixed = |text: &str| Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed("FROM x\nRUN [ a$B = c ]\n"), "FROM x\nRUN [ a\"$B\" = c ]\n");
        for text in ["FROM x\nRUN sh -c \"[ \\$B = c ]\"\n", "FROM x\nRUN [\"sh\", \"-c\", \"[ $B = c ]\"]\n"] {
            assert_eq!(fixed(text), text);
        }
    }
}
