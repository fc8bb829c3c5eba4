use hullmark_sdk::prelude::*;

use crate::program;

rule! {
    /// `/bin/sh` is replaced by another shell.
    ///
    /// ## What it checks
    ///
    /// `ln` in `RUN` that makes `/bin/sh` a link to `bash`, `ksh`, `mksh` or `zsh`. Links to what is a small shell anyway, as in
    /// images that have none, are accepted.
    ///
    /// ## Why it matters
    ///
    /// Every script of the image now runs in a shell that it was not written for, those of packages and their updates among
    /// them. `SHELL` chooses the shell for the build alone, and is visible to whoever reads the file.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN ln -sf /bin/bash /bin/sh
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// SHELL ["/bin/bash", "-c"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `SHELL ["/bin/bash", "-c"]`, and name `bash` in the first line of scripts that need it.
    ///
    /// ## Options
    ///
    /// `every` (default `false`): whether every `ln` that names `/bin/sh` is a fault, whatever it links.
    ///
    /// ## Other tools
    ///
    /// hadolint flags whatever names `/bin/sh`, also `ln -s /bin/sh /bin/bash`; the option `every` does so here.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#shell>
    level: Warning,
    precision: High,
    tags: &["maintainability"],
    aliases: &["DL4005"],
    references: &["https://docs.docker.com/reference/dockerfile/#shell"],
    options: &[OptionSpec::flag("every", false, "Whether every `ln` that names `/bin/sh` is a fault, whatever it links.")],
    checks: &[Command(command)],
}

const SHELLS: [&str; 4] = ["bash", "ksh", "mksh", "zsh"];

fn command(command: &Command, report: &mut Report) {
    let ln = command.unwrapped();
    if command.instruction().name() != "RUN" || ln.name() != Some("ln") {
        return;
    }
    let every = report.options().flag("every");
    let Some(link) = replaced(ln).or_else(|| named(ln).filter(|_| every)) else { return };
    let is_known = program::is_in_run(command) && program::written(command) == Some("ln") && named(ln).is_some();
    let finding = report
        .finding(link, "`/bin/sh` is replaced for every script of the image; `SHELL` chooses the shell of the build");
    finding.aliases(if is_known { &["DL4005"] } else { &[] });
}

/// Any word that is `/bin/sh`.
fn named<'a>(ln: Command<'a>) -> Option<Word<'a>> {
    ln.words().skip(1).find(|word| word.text() == Some("/bin/sh"))
}

/// The link, where it is `/bin/sh` and leads to a larger shell.
fn replaced<'a>(ln: Command<'a>) -> Option<Word<'a>> {
    let words: Vec<Word> = ln.arguments().collect();
    let [target, link] = words[..] else { return None };
    let shell = target.resolved()?.rsplit('/').next()?;
    let is_shell = matches!(link.resolved()?, "/bin/sh" | "/usr/bin/sh");
    (is_shell && SHELLS.contains(&shell)).then_some(link)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    const NEAR: &str = "FROM x\nRUN ln -s /bin/busybox /bin/sh\nRUN ln -s /bin/sh /bin/bash\nRUN ln -s /bin/bash /usr/local/bin/sh\nRUN cp /bin/bash /bin/sh\nCMD ln -s bash /bin/sh\n";

    #[test]
    fn other_links_are_fine() {
        assert_eq!(dockerfile(&RULE, NEAR), [""; 0]);
    }

    #[test]
    fn a_larger_shell_is_flagged() {
        let text = "FROM x\nRUN a && sudo ln -sf bash /bin/sh\nONBUILD RUN ln -s -- /bin/zsh \"/bin/sh\"\n";
        assert_eq!(dockerfile(&RULE, text), ["/bin/sh", "\"/bin/sh\""]);
    }

    #[test]
    fn every_link_is_flagged_on_request() {
        assert_eq!(Trial::with(&RULE, r#"{"every": true}"#).dockerfile(NEAR), ["/bin/sh", "/bin/sh"]);
    }
}
