use hullmark_sdk::prelude::*;

use crate::edit;
use crate::plain::is_plain;

rule! {
    /// `useradd` with a large user number makes the image huge.
    ///
    /// ## What it checks
    ///
    /// `useradd` in `RUN` with a number of six digits or more and without `--no-log-init`. A number that only a variable holds is
    /// passed over, unless the file tells its value.
    ///
    /// ## Why it matters
    ///
    /// `useradd` adds a record to `/var/log/lastlog` and `/var/log/faillog`, at a place that follows from the number. On disk these
    /// files are sparse, in a layer of an image they are not: they may take gigabytes.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN useradd -u 1000790000 app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN useradd --no-log-init -u 1000790000 app
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `--no-log-init` after `useradd`.
    ///
    /// ## Other tools
    ///
    /// hadolint does not see the number in `--uid 100000` and `-u100000`, and counts the letters of a variable's name.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#user>
    tags: &["size"],
    precision: High,
    aliases: &["DL3046"],
    references: &["https://docs.docker.com/build/building/best-practices/#user"],
    checks: &[Command(command)],
}

/// From here on the log takes 30 MB.
const LARGE: u64 = 100_000;

fn command(command: &Command, report: &mut Report) {
    let useradd = command.unwrapped();
    if command.instruction().name() != "RUN" || useradd.name() != Some("useradd") {
        return;
    }
    let Some((word, number)) = uid(useradd) else { return };
    if number.parse::<u64>().unwrap_or_default() < LARGE || useradd.has_flag(&["-l", "--no-log-init"]) {
        return;
    }
    let finding = report.finding(word, format!("user number `{number}` makes the login logs huge"));
    if let Some(program) = useradd.word(0) {
        finding.fix(edit::with_option(Fix::safe("add `--no-log-init`"), command, program, "--no-log-init"));
    }
    if !is_plain(command) || useradd.has_flag(&["--uid"]) || word.is_option() || word.raw().len() < 6 {
        finding.aliases(&[]);
    }
}

/// The number, with the word that it stands in.
fn uid<'a>(useradd: Command<'a>) -> Option<(Word<'a>, &'a str)> {
    let mut words = useradd.words().skip(1);
    while let Some(word) = words.next() {
        let Some(text) = word.resolved().filter(|_| word.is_option()) else { continue };
        if text == "--uid" || !text.starts_with("--") && text.ends_with('u') {
            let value = words.next()?;
            return Some((value, value.resolved()?));
        }
        if let Some(number) = text.strip_prefix("--uid=").or_else(|| text.strip_prefix("-u")) {
            return Some((word, number));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn small_numbers_other_numbers_and_no_log_are_accepted() {
        for run in [
            "useradd -u 99999 a",
            "useradd -l -u 100000 a",
            "useradd -mlu 100000 a",
            "useradd -u 100000 a --no-log-init",
            "useradd -u 1000 -g 100000 a",
            "useradd -u $NUMBER_OF_USER a",
            "useradd a",
            "adduser -u 100000 a",
            "usermod -u 100000 a",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_form_is_seen() {
        let text = "FROM x\nARG N=200000\nRUN useradd -u \\\n 100000 a; useradd -ru $N b && sudo useradd --uid=300000 c\n\
            ONBUILD RUN /usr/sbin/useradd -u400000 d\n";
        assert_eq!(dockerfile(&RULE, text), ["100000", "$N", "--uid=300000", "-u400000"]);
    }

    #[test]
    fn the_fix_adds_the_option() {
        let text = "FROM x\nRUN useradd -u 100000 a\nRUN [\"useradd\", \"-u\", \"100000\", \"a\"]\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert!(fixed.contains("useradd --no-log-init -u") && fixed.contains("\"useradd\", \"--no-log-init\", \"-u\""));
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
