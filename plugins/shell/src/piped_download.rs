use hullmark_sdk::prelude::*;

rule! {
    /// What is downloaded runs at once, whatever it is.
    ///
    /// ## What it checks
    ///
    /// A shell or another interpreter that gets its script from `curl`, `wget` or `fetch`: through a pipe, as `<(…)`,
    /// as `"$(…)"` behind `-c`, or through `eval`, `.` and `source`. A download from `localhost` is accepted.
    ///
    /// ## Why it matters
    ///
    /// Nobody compares what comes with what was meant: whoever controls the server, or the way to it, runs commands in
    /// the build, and every build may get another script. A download that breaks off in the middle is run up to there.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN curl -fsSL https://example.com/install.sh | sh
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/install.sh /tmp/
    /// RUN sh /tmp/install.sh
    /// ```
    ///
    /// ## How to fix
    ///
    /// Fetch the script into a file, compare its checksum, and run it then. Better still is a package.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#add---checksum>
    tags: &["security"],
    security_severity: Some("6.3"),
    precision: High,
    references: &["https://docs.docker.com/reference/dockerfile/#add---checksum"],
    checks: &[Command(command)],
}

const DOWNLOADERS: [&str; 5] = ["curl", "wget", "fetch", "aria2c", "http"];

const SHELLS: [&str; 8] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"];

/// Interpreters that read their script from the standard input where no file is named.
const INTERPRETERS: [&str; 7] = ["python", "python2", "python3", "perl", "ruby", "node", "php"];

fn command(command: &Command, report: &mut Report) {
    let runner = command.unwrapped();
    let name = runner.name().unwrap_or_default();
    let is_shell = SHELLS.contains(&name);
    let source = if matches!(name, "eval" | "." | "source") || is_shell && !reads_input(runner) {
        runner.words().skip(1).flat_map(Word::parts).filter(runs_output).flat_map(Part::commands).find(is_download)
    } else if command.is_piped_from() && (is_shell || INTERPRETERS.contains(&name)) && reads_input(runner) {
        command.pipeline().take_while(|earlier| earlier != command).find(is_download)
    } else {
        None
    };
    let Some(source) = source else { return };
    let from = source.unwrapped().name().unwrap_or_default();
    let finding = report.finding(runner.place(), format!("`{name}` runs what `{from}` downloads, whatever it is"));
    finding.related(source.unwrapped().place(), "it is downloaded here");
}

/// Whether a shell or an interpreter takes its script from the standard input: it is given neither a file nor a script.
fn reads_input(runner: Command) -> bool {
    let is_shell = SHELLS.contains(&runner.name().unwrap_or_default());
    if is_shell && runner.has_flag(&["-s"]) {
        return true;
    }
    if runner.has_flag(if is_shell { &["-c"] } else { &["-c", "-e", "-m", "-r"] }) {
        return false;
    }
    let mut words = runner.words().skip(1);
    while let Some(word) = words.next() {
        if matches!(word.raw(), "-" | "/dev/stdin") {
            return true;
        }
        if !word.is_option() {
            // BusyBox is told first which shell it is.
            if runner.name() == Some("busybox") && word.text().is_some_and(|text| SHELLS.contains(&text)) {
                continue;
            }
            return false;
        }
        // `-o pipefail`, also as `-euo pipefail`.
        if is_shell && word.text().is_some_and(|text| !text.starts_with("--") && text.ends_with('o')) {
            words.next();
        }
    }
    true
}

/// Whether what the commands of a part print is run: not the quotes around it, nor what only a variable holds.
fn runs_output(part: &Part) -> bool {
    part.is_substitution() || part.kind() == PartKind::Process
}

fn is_download(command: &Command) -> bool {
    let inner = command.unwrapped();
    let is_local =
        |word: Word| word.resolved().is_some_and(|text| text.contains("localhost") || text.contains("127.0.0.1"));
    inner.name().is_some_and(|name| DOWNLOADERS.contains(&name)) && !inner.words().any(is_local)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn downloads_that_do_not_run_are_accepted() {
        for run in [
            "curl a -o b && sh b",
            "curl a | tar xz",
            "curl a | gpg --dearmor | tee b",
            "curl a | sh b.sh",
            "curl a | bash -c 'cat >b'",
            "curl a | python3 -c 'import json'",
            "curl a | python3 -m json.tool",
            "curl localhost:8080/a | sh",
            "cat a | sh",
            "echo curl | sh",
            "sh -c \"$(cat a)\"",
            "sh -c 'curl a'",
            "A=$(curl b) sh c",
            "curl a; sh",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn downloads_that_run_are_flagged() {
        for (run, shell) in [
            ("curl -sSL a | bash -", "bash"),
            ("wget -qO- a | tee b | sudo -E sh -s -- -y", "sh"),
            ("curl a | bash -euo pipefail", "bash"),
            ("curl a | python3 -", "python3"),
            ("curl a | A=b sh", "sh"),
            ("bash <(curl a) -y", "bash"),
            ("sh -c \"$(curl a)\" \"\" -y", "sh"),
            ("bash -c \"`wget -O- a`\"", "bash"),
            ("eval \"$(curl a | b)\"", "eval"),
            (". <(curl a)", "."),
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [shell], "{run}");
        }
    }
}
