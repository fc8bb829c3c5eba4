use hullmark_sdk::prelude::*;

use crate::{directories, shellcheck};

rule! {
    /// A folder is removed that the system cannot do without.
    ///
    /// ## What it checks
    ///
    /// Paths of `rm -r` that name `/`, `/usr`, `/etc`, `/lib` or another vital folder, or all that is in it.
    ///
    /// ## Why it matters
    ///
    /// Nothing runs afterwards, or the command fails on what the build must not touch. Most often a blank or a slash
    /// too much stands in the path.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN rm -rf /usr /share/doc
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN rm -rf /usr/share/doc
    /// ```
    ///
    /// ## How to fix
    ///
    /// Name the folders that have to go.
    ///
    /// ## Options
    ///
    /// `shared` (default `false`): whether `/home`, `/media`, `/mnt`, `/usr/local` and `/usr/share` are flagged too.
    ///
    /// ## Other tools
    ///
    /// hadolint, through ShellCheck, flags the shared folders too.
    ///
    /// ## References
    ///
    /// - <https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html>
    level: Error,
    tags: &["reliability"],
    precision: High,
    aliases: &["SC2114", "SC2115"],
    references: &["https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html"],
    options: &[OptionSpec::flag(
        "shared",
        false,
        "Whether `/home`, `/media`, `/mnt`, `/usr/local` and `/usr/share` are flagged too.",
    )],
    checks: &[Command(command)],
}

fn command(command: &Command, report: &mut Report) {
    let rm = command.unwrapped();
    if rm.name() != Some("rm") || !rm.has_flag(&["-r", "-R", "--recursive"]) {
        return;
    }
    let shared = report.options().flag("shared");
    for word in rm.arguments() {
        let Some(path) = word.resolved() else { continue };
        // In quotes, and in exec form, `*` means itself.
        if path.ends_with('*') && !word.is_pattern() {
            continue;
        }
        let folder = directories::vital(path).or_else(|| directories::shared(path).filter(|_| shared));
        let Some(folder) = folder else { continue };
        let id: &[&str] = if path.ends_with('*') { &["SC2115"] } else { &["SC2114"] };
        let is_seen = command.name() == Some("rm") && word.text().is_some();
        let finding = report.finding(word, format!("`{folder}` is removed, without which the system is broken"));
        finding.aliases(if is_seen { shellcheck::ids(command.script(), id) } else { &[] });
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_folders_and_single_files_are_accepted() {
        for run in [
            "rm -rf /usr/share/doc /tmp/* /var/lib/apt/lists/* /root/.cache",
            "rm -f /usr /etc/*",
            "rm -rf usr ./lib etc/*",
            "rm -rf \"/usr/*\"",
            "rm -rf $A",
            "rm -rf /home",
            "echo rm -rf /",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn vital_folders_are_flagged() {
        let text = "FROM x\nENV A=/etc\nRUN rm -rf / /usr/lib/ && sudo rm --recursive -f $A /var/*\nRUN [\"rm\", \"-r\", \"/lib\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["/", "/usr/lib/", "$A", "/var/*", "\"/lib\""]);
    }

    #[test]
    fn shared_folders_are_flagged_on_request() {
        let text = "FROM x\nRUN rm -rf /usr/share/* /home\n";
        assert_eq!(Trial::with(&RULE, r#"{"shared": true}"#).dockerfile(text), ["/usr/share/*", "/home"]);
    }
}
