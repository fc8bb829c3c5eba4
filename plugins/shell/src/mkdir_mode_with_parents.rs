use hullmark_sdk::prelude::*;

use crate::shellcheck;

rule! {
    /// `mkdir -p -m` gives the mode to the last folder only.
    ///
    /// ## What it checks
    ///
    /// `mkdir` with `-p` and `-m`, and a path of which more than the last folder may have to be made.
    ///
    /// ## Why it matters
    ///
    /// The folders above it get the usual mode: what should be closed to others has an open parent.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN mkdir -p -m 700 /srv/app/keys
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN mkdir -m 700 /srv/app && mkdir -m 700 /srv/app/keys
    /// ```
    ///
    /// ## How to fix
    ///
    /// Make the folders one by one, or set the mode of each with `chmod`.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, flags `mkdir -p -m 700 /a` too, where there is no other folder.
    ///
    /// ## References
    ///
    /// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/mkdir.html>
    level: Note,
    tags: &["correctness"],
    precision: Medium,
    aliases: &["SC2174"],
    references: &["https://pubs.opengroup.org/onlinepubs/9799919799/utilities/mkdir.html"],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let mkdir = command.unwrapped();
    if mkdir.name() != Some("mkdir") || !mkdir.has_flag(&["-p", "--parents"]) {
        return;
    }
    let Some(mode) = mkdir.flag(&["-m", "--mode"]) else { return };
    // Folders that every image has need not be made.
    let is_deep = |word: Word| {
        let path = word.resolved().map(|path| path.trim_matches('/')).unwrap_or_default();
        let known =
            ["etc/", "home/", "opt/", "root/", "srv/", "tmp/", "usr/local/", "usr/", "var/lib/", "var/log/", "var/"];
        let rest = known.into_iter().find_map(|known| path.strip_prefix(known)).unwrap_or(path);
        rest.contains('/')
    };
    if !mkdir.operands(&["-m", "--mode"]).any(is_deep) {
        return;
    }
    let finding = report.finding(mode, "the mode is that of the last folder only");
    // ShellCheck sees each option in a word of its own.
    let is_apart = mode.text().is_some_and(|text| text.starts_with("--") || text == "-m");
    let is_seen = is_apart && command.name() == Some("mkdir");
    finding.aliases(if is_seen { shellcheck::ids(command.script(), &["SC2174"]) } else { &[] });
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn one_folder_is_accepted() {
        for run in
            ["mkdir -m 700 a/b", "mkdir -p a/b", "mkdir -p -m 700 a", "mkdir -pm700 /var/lib/a", "mkdir -p -m 755 $A"]
        {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn folders_above_are_flagged() {
        let text = "FROM x\nRUN mkdir -p -m 700 a/b && sudo mkdir --mode=700 -p /etc/c/d && mkdir -pm 0700 /e/f\n";
        assert_eq!(dockerfile(&RULE, text), ["-m", "--mode=700", "-pm"]);
    }
}
