use hullmark_sdk::prelude::*;

rule! {
    /// A file or folder is opened for writing to everybody.
    ///
    /// ## What it checks
    ///
    /// Modes of `chmod`, and of `-m` of `mkdir` and `install`, that let others write: `777`, `666`, `a+w`, `o+rwx`. A
    /// folder with the sticky bit, as `/tmp` has it (`1777`, `+t`), is accepted.
    ///
    /// ## Why it matters
    ///
    /// Any process in the container, whoever it runs as, can replace the program, the script or the configuration
    /// there. With a program that a privileged user runs, that is all it takes.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN chmod -R 777 /srv/app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN chown -R app:app /srv/app && chmod -R u=rwX,go=rX /srv/app
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the files to the user who has to write them; for an arbitrary user of OpenShift give them to group 0 and
    /// write `g=u`.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/chmod.html>
    tags: &["security"],
    security_severity: Some("4.4"),
    precision: High,
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/chmod.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let inner = command.unwrapped();
    let mode = match inner.name() {
        // `chmod -w file` takes a right away: its mode looks like an option.
        Some("chmod") if !inner.has_flag(&["--reference"]) => inner.operands(&[]).next(),
        Some("mkdir" | "install") => value_of_mode(inner),
        _ => return,
    };
    let Some((mode, text)) = mode.and_then(|word| Some((word, word.resolved()?))) else { return };
    let text = text.strip_prefix("--mode=").or_else(|| text.strip_prefix("-m")).unwrap_or(text);
    if lets_others_write(text) {
        report.finding(mode, format!("mode `{text}` lets everybody write"));
    }
}

/// The word that holds the mode of `-m`: the option's own, or the one behind it.
fn value_of_mode(command: Command<'_>) -> Option<Word<'_>> {
    let option = command.flag(&["-m", "--mode"])?;
    let is_whole =
        option.text().is_some_and(|text| text.contains('=') || text.ends_with(|last: char| last.is_ascii_digit()));
    if is_whole { Some(option) } else { command.words().find(|word| word.place() > option.place()) }
}

fn lets_others_write(mode: &str) -> bool {
    if mode.bytes().all(|byte| byte.is_ascii_digit()) {
        let bits = u32::from_str_radix(mode, 8).unwrap_or_default();
        return bits & 0o002 != 0 && bits & 0o1000 == 0;
    }
    let mut writes = false;
    for clause in mode.split(',') {
        let Some(at) = clause.find(['+', '-', '=']) else { return false };
        let (who, what) = clause.split_at(at);
        if what.contains('t') && !what.starts_with('-') {
            return false;
        }
        // Without `who` the umask keeps others from writing.
        if who.contains(['o', 'a']) {
            writes = what[1..].contains('w') && !what.starts_with('-') || writes && what.starts_with('+');
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn modes_that_keep_others_out_are_accepted() {
        for mode in [
            "755",
            "0644",
            "1777",
            "4755",
            "775",
            "+x",
            "a+x",
            "+w",
            "g+w",
            "u=rwx,go=rx",
            "o-w",
            "a+rwxt",
            "g=u",
            "a-w",
            "-w",
            "ugo+rX",
            "$MODE",
            "o+w,o-w",
            "--reference=666",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN chmod {mode} a\n")), [""; 0], "{mode}");
        }
        for run in ["mkdir 777", "mkdir -m 1777 a", "install -m755 a b", "echo chmod 777", "cp -m 777 a"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn modes_that_let_others_write_are_flagged() {
        for mode in ["777", "0666", "a+w", "o+rwx", "ugo=rwX", "u+x,o+w", "a=rwx", "2777"] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN sudo chmod -R {mode} a\n")), [mode], "{mode}");
        }
        let text = "FROM x\nENV M=777\nRUN mkdir -p -m 777 a && install -m0666 b c && mkdir --mode=a+w d; chmod $M e\n";
        assert_eq!(dockerfile(&RULE, text), ["777", "-m0666", "--mode=a+w", "$M"]);
        assert_eq!(dockerfile(&RULE, "FROM x\nRUN [\"chmod\", \"777\", \"a\"]\n"), ["\"777\""]);
    }
}
