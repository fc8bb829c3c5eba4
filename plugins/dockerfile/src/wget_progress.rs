use hullmark_sdk::prelude::*;

use crate::plain::is_plain;
use crate::{edit, fetch};

rule! {
    /// wget fills the log of the build with its progress.
    ///
    /// ## What it checks
    ///
    /// `wget` in `RUN` that says nothing about its progress: neither `--progress`, nor that it is to be quiet (`-q`, `-nv`), nor
    /// that it is to write its messages to a file (`-o`, `-a`, or a redirection). Where a variable may hold such an option,
    /// nothing is said.
    ///
    /// ## Why it matters
    ///
    /// Without a terminal wget writes a line for every 50 kB. The lines that matter drown in them.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN wget https://downloads.example/tool.deb
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN wget --progress=dot:giga https://downloads.example/tool.deb
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--progress=dot:giga`, which gives a line for every 32 MB, or `-nv`. The wget of BusyBox, as in Alpine, knows `-q`
    /// only.
    ///
    /// ## Other tools
    ///
    /// hadolint flags `wget --help` and the like, and does not look at redirections.
    ///
    /// ## References
    ///
    /// - <https://www.gnu.org/software/wget/manual/html_node/Download-Options.html>
    level: Note,
    enabled: false,
    tags: &["style"],
    aliases: &["DL3047"],
    references: &["https://www.gnu.org/software/wget/manual/html_node/Download-Options.html"],
    checks: &[Command(command)],
}

const QUIET: [&str; 10] = [
    "--progress",
    "--quiet",
    "--no-verbose",
    "--output-file",
    "--append-output",
    "--background",
    "--spider",
    "--version",
    "--help",
    "-h",
];

fn command(command: &Command, report: &mut Report) {
    let wget = command.unwrapped();
    let Some(program) = wget.word(0).filter(|_| wget.name() == Some("wget")) else { return };
    if command.instruction().name() != "RUN" || may_hold_option(wget) || wget.has_flag(&QUIET) || is_redirected(command)
    {
        return;
    }
    if wget.options().filter_map(Word::resolved).any(is_quiet) {
        return;
    }
    let finding = report.finding(program, "`wget` fills the log with its progress");
    let fix = Fix::needs_review("add `--progress=dot:giga`");
    finding.fix(edit::with_option(fix, command, program, "--progress=dot:giga"));
    if !is_plain(command) {
        finding.aliases(&[]);
    }
}

/// Whether a variable stands beside other words: alone it must be the address.
fn may_hold_option(wget: Command) -> bool {
    let is_hidden = |word: &Word| word.may_split() && word.resolved().is_none() && word.raw().starts_with('$');
    let words: Vec<Word> = wget.arguments().collect();
    words.len() > 1 && words.iter().any(is_hidden)
}

/// Whether a bundle of short options holds `-q`, `-nv`, `-b`, `-o` or `-a`.
fn is_quiet(option: &str) -> bool {
    let (letters, _) = fetch::letters(option, fetch::WGET_VALUED);
    letters.contains(['q', 'b', 'o', 'a', 'V']) || letters.contains("nv")
}

/// Whether the messages, which go to the standard error, go elsewhere.
fn is_redirected(command: &Command) -> bool {
    command.redirections().any(|redirection| {
        let is_null = redirection.target().text() == Some("/dev/null") && redirection.descriptor() != Some(1);
        let is_error = redirection.descriptor() == Some(2) && !redirection.operator().contains('&');
        is_null || is_error || redirection.operator().starts_with("&>")
    })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn whatever_spares_the_log_is_accepted() {
        for run in [
            "wget -q x",
            "wget -qO- x",
            "wget -O- --quiet x",
            "wget --progress=dot:giga x",
            "wget --progress dot x",
            "wget -nv x",
            "wget -nd -cnv x",
            "wget -o log x",
            "wget -alog x",
            "wget --append-output=log x",
            "wget x 2>log",
            "wget x >/dev/null 2>&1",
            "wget x &>log",
            "wget $OPTIONS x",
            "wget --help",
            "apt-get install wget",
            "curl x",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn other_options_do_not_spare_it() {
        let text = "FROM x\nRUN wget -O quiet \"$X\" && wget -nc \\\n x; sudo wget -Oq x 2>&1 | tar x\nONBUILD RUN wget -t 10 x-q\n";
        assert_eq!(dockerfile(&RULE, text), ["wget"; 4]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let text = "FROM x\nRUN wget x\nRUN [\"wget\", \"x\"]\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM x\nRUN wget --progress=dot:giga x\nRUN [\"wget\", \"--progress=dot:giga\", \"x\"]\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
