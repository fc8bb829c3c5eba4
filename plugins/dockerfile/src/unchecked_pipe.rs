use hullmark_sdk::OptionValues;
use hullmark_sdk::prelude::*;

use crate::program;

rule! {
    /// A pipe hides that the command before it failed.
    ///
    /// ## What it checks
    ///
    /// Pipes in `RUN` whose writer is among `commands` (downloads, builds and package managers) and whose last command is content
    /// with no input. `tar`, `gpg`, `grep` and others of `checkers` are not: they fail where nothing comes. Nothing is said where
    /// the shell runs with `pipefail`, by `SHELL` of this stage or of one that it is built from, or by `set -o pipefail`; nor
    /// where failure is expected: in conditions, after `!`, and before `|| true`.
    ///
    /// ## Why it matters
    ///
    /// A shell takes the result of the last command for that of the whole pipe. If the download fails, `sh` runs an empty
    /// script, succeeds, and the build goes on without what should have been installed.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN curl -fsSL https://get.example.com | sh
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// SHELL ["/bin/bash", "-o", "pipefail", "-c"]
    /// RUN curl -fsSL https://get.example.com | sh
    /// ```
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// RUN set -o pipefail && wget -qO- https://get.example.com | sh
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `SHELL ["/bin/bash", "-o", "pipefail", "-c"]` before it; in images with busybox, such as Alpine, `SHELL ["/bin/ash",
    /// "-eo", "pipefail", "-c"]` or `set -o pipefail`. Or let the first command write a file, and the second read it.
    ///
    /// ## Options
    ///
    /// - `commands` (default: `apk`, `apt`, `apt-get`, `cargo`, `cmake`, `composer`, `curl`, `dnf`, `git`, `go`, `gradle`, `make`, `mvn`,
    ///   `ninja`, `npm`, `npx`, `pip`, `pip3`, `pnpm`, `wget`, `yarn`, `yum`): writers whose failure matters.
    /// - `checkers` (default: `apt-key`, `bsdtar`, `bunzip2`, `cpio`, `egrep`, `fgrep`, `funzip`, `gpg`, `grep`, `gunzip`, `gzip`, `jar`,
    ///   `sha1sum`, `sha256sum`, `sha512sum`, `tar`, `unxz`, `unzip`, `xz`, `zcat`): last commands of a pipe that fail without input.
    /// - `every` (default `false`): whether every pipe is a fault, whatever it joins and wherever it stands.
    /// - `pipefail` (`anywhere` by default, or `shell`): what counts. `shell` wants a `SHELL` instruction of the same stage that
    ///   starts `ash`, `bash` or `zsh` with the option.
    ///
    /// ## Other tools
    ///
    /// hadolint flags every pipe, also `echo … | …`, which cannot fail, and sees only a `SHELL` of the same stage, not one of the
    /// stage that it is built from, and not `set -o pipefail`; the options `every` and `pipefail` do so here. It also takes the
    /// words of an exec form for the text of a script.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#using-pipes>
    level: Warning,
    precision: High,
    tags: &["reliability"],
    aliases: &["DL4006"],
    references: &["https://docs.docker.com/build/building/best-practices/#using-pipes"],
    options: &[
        OptionSpec::texts(
            "commands",
            &[
                "apk", "apt", "apt-get", "cargo", "cmake", "composer", "curl", "dnf", "git", "go", "gradle", "make", "mvn",
                "ninja", "npm", "npx", "pip", "pip3", "pnpm", "wget", "yarn", "yum",
            ],
            "Writers whose failure matters.",
        ),
        OptionSpec::texts(
            "checkers",
            &[
                "apt-key", "bsdtar", "bunzip2", "cpio", "egrep", "fgrep", "funzip", "gpg", "grep", "gunzip", "gzip", "jar",
                "sha1sum", "sha256sum", "sha512sum", "tar", "unxz", "unzip", "xz", "zcat",
            ],
            "Last commands of a pipe that fail without input.",
        ),
        OptionSpec::flag("every", false, "Whether every pipe is a fault, whatever it joins and wherever it stands."),
        OptionSpec::choice("pipefail", "anywhere", &["anywhere", "shell"], "Where `pipefail` counts: anywhere, or only in a `SHELL` instruction of the same stage."),
    ],
    checks: &[Command(command)],
}

/// Asked for the reader behind each pipe.
fn command(reader: &Command, report: &mut Report) {
    if reader.instruction().name() != "RUN" || reader.join() != Join::Pipe {
        return;
    }
    let writer = reader.pipeline().take_while(|command| command != reader).last();
    let options = report.options();
    let is_meant = if options.flag("every") {
        writer.is_none_or(|writer| writer.join() != Join::Pipe)
    } else {
        writer.is_some_and(|writer| matters(&writer, options))
    };
    let is_checked = match options.text("pipefail") {
        "shell" => chooses_pipefail(&reader.instruction()),
        _ => reader.has_pipefail(),
    };
    if !is_meant || is_checked {
        return;
    }
    let name = writer.and_then(|writer| writer.unwrapped().name());
    let subject = name.map_or_else(|| "the command".to_owned(), |name| format!("`{name}`"));
    let at = reader.join_place().unwrap_or_else(|| reader.place());
    let finding = report.finding(at, format!("if {subject} before this pipe fails, the build goes on"));
    let is_text = reader.script().runner().is_none_or(Command::is_exec_form);
    let is_known = is_text && !program::is_deferred(reader) && !chooses_pipefail(&reader.instruction());
    finding.aliases(if is_known { &["DL4006"] } else { &[] });
    if let Some(shell) = shell(reader) {
        let fix = Fix::needs_review("let the shell fail with any command of a pipe");
        finding.fix(fix.insert_before(reader.instruction().place(), format!("SHELL {shell}\n")));
    }
}

/// Whether the failure of a command before a pipe should end the build, and does not.
fn matters(writer: &Command, options: &OptionValues) -> bool {
    let is_among = |command: &Command, list: &str| {
        let name = command.unwrapped().name();
        name.is_some_and(|name| options.texts(list).any(|listed| listed == name))
    };
    let Some(last) = writer.pipeline().last() else { return false };
    let is_expected = last.is_in_condition() || last.is_negated() || last.is_in_background() || is_forgiven(&last);
    is_among(writer, "commands") && !is_among(&last, "checkers") && !is_expected
}

/// Whether `|| true` follows.
fn is_forgiven(last: &Command) -> bool {
    let next = last.after().find(|next| next.parent() == last.parent());
    next.is_some_and(|next| next.join() == Join::Or && matches!(next.name(), Some("true" | ":" | "echo")))
}

/// Whether the last SHELL before a RUN in its stage starts a shell that knows `pipefail` with it.
fn chooses_pipefail(run: &Instruction) -> bool {
    let Some(file) = run.node().document().dockerfile() else { return false };
    let before = file.instructions().take_while(|instruction| instruction.node() != run.node());
    let last = before.filter(|instruction| matches!(instruction.name(), "FROM" | "SHELL")).last();
    let Some(shell) = last.filter(|last| last.name() == "SHELL") else { return false };
    let words: Vec<&str> = shell.arguments().filter_map(Node::value).flat_map(str::split_whitespace).collect();
    let name = words.first().and_then(|program| program.rsplit('/').next());
    let is_option = |word: &&str| word.starts_with('-') && !word.starts_with("--") && word.contains('o');
    matches!(name, Some("ash" | "bash" | "zsh")) && words.iter().any(is_option) && words.contains(&"pipefail")
}

/// The arguments of a SHELL that knows `pipefail`, where the image certainly has that shell.
fn shell(command: &Command) -> Option<&'static str> {
    const WITH_BASH: [&str; 10] = [
        "library/almalinux",
        "library/debian",
        "library/fedora",
        "library/golang",
        "library/node",
        "library/python",
        "library/rockylinux",
        "library/ruby",
        "library/rust",
        "library/ubuntu",
    ];
    let stage = command.stage().filter(|_| !program::is_deferred(command))?;
    let root = stage.lineage().last()?;
    let image = root.image()?;
    if image.repository() == "library/alpine" || image.tag().is_some_and(|tag| tag.contains("alpine")) {
        return Some(r#"["/bin/ash", "-eo", "pipefail", "-c"]"#);
    }
    WITH_BASH.contains(&image.repository()).then_some(r#"["/bin/bash", "-o", "pipefail", "-c"]"#)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_failure_that_cannot_matter_is_fine() {
        for run in [
            "echo a | sh",
            "yes | apt-get install x",
            "curl a || sh",
            "curl a | tar x",
            "curl a | sudo tar x",
            "curl a | gunzip | tar x",
            "if curl a | sh; then b; fi",
            "curl a | sh || true",
            "! curl a | sh",
            "echo 'curl a | sh'",
            "ls | sort",
            "curl a > b && sh b",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\nCMD curl a | sh\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn pipefail_of_any_kind_is_enough() {
        let shell = "SHELL [\"bash\", \"-euo\", \"pipefail\", \"-c\"]";
        for text in [
            "FROM x\nRUN set -eo pipefail; curl a | sh\n".to_owned(),
            format!("FROM x AS y\n{shell}\nFROM y\nRUN curl a | sh\n"),
            "FROM x\nRUN bash -o pipefail -c 'curl a | sh'\n".to_owned(),
            "FROM x\nSHELL [\"pwsh\"]\nRUN curl a | sh\n".to_owned(),
        ] {
            assert_eq!(dockerfile(&RULE, &text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_failure_that_is_lost_is_flagged() {
        let text = "FROM x\nRUN curl a | sh && sudo wget b |& bash -s\nRUN X=$(curl c | head -1)\nRUN make | tee log || exit 1\n";
        assert_eq!(dockerfile(&RULE, text), ["|", "|&", "|", "|"]);
        assert_eq!(
            dockerfile(&RULE, "FROM x\nRUN [\"sh\", \"-c\", \"curl a | sh\"]\nRUN curl a | tee b | sh\n"),
            ["|", "|"]
        );
    }

    #[test]
    fn every_pipe_is_flagged_on_request() {
        let trial = Trial::with(&RULE, r#"{"every": true, "pipefail": "shell"}"#);
        let text = "FROM x\nRUN set -o pipefail; a | b | c\nRUN if a | b; then c; fi || true\nRUN { a; b; } | c\n";
        assert_eq!(trial.dockerfile(text), ["|", "|", "|"]);
        let shell = "SHELL [\"/bin/ash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\n";
        assert_eq!(
            trial.dockerfile(&format!(
                "FROM x AS y\n{shell}FROM y\nRUN a | b\nSHELL [\"sh\", \"-o\", \"pipefail\"]\nRUN a | b\n"
            )),
            ["|", "|"]
        );
    }

    #[test]
    fn the_fix_is_a_shell_that_the_image_has() {
        let fixed = |image: &str| Trial::of(&RULE).fixed("Dockerfile", &format!("FROM {image}\nRUN curl a | sh\n"));
        assert_eq!(
            fixed("debian:13"),
            "FROM debian:13\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl a | sh\n"
        );
        assert_eq!(
            fixed("node:22-alpine"),
            "FROM node:22-alpine\nSHELL [\"/bin/ash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN curl a | sh\n"
        );
        assert_eq!(fixed("acme/tools:1"), "FROM acme/tools:1\nRUN curl a | sh\n");
    }
}
