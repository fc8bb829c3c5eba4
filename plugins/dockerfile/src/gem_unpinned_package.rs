use hullmark_sdk::prelude::*;

use crate::pins::{self, is_unpinned};
use crate::plain::is_plain;

rule! {
    /// A Ruby gem is installed without a version.
    ///
    /// ## What it checks
    ///
    /// Gems of `gem install` in `RUN` that have no version behind `:`, in commands without `-v` and `--version`. Files and
    /// arguments behind `--`, which are for the build of the gem, are passed over.
    ///
    /// ## Why it matters
    ///
    /// The build of tomorrow may install another version than the one that was tested, or fail.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM ruby:3.4.7
    /// RUN gem install bundler
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM ruby:3.4.7
    /// RUN gem install bundler:2.7.2
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version that you have tested behind `:`.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `rake:$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint takes every option for one with a value, so it does not see the gem behind `--no-document`. It flags gems that
    /// are only a variable, as the option does here, and files.
    ///
    /// ## References
    ///
    /// - <https://guides.rubygems.org/command-reference/#gem-install>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3028"],
    references: &["https://guides.rubygems.org/command-reference/#gem-install"],
    options: &[pins::VARIABLES],
    checks: &[Command(command)],
}

/// Options that take the next word as their value.
const VALUED: [&str; 17] = [
    "-v",
    "--version",
    "-i",
    "--install-dir",
    "-n",
    "--bindir",
    "--build-root",
    "-P",
    "--trust-policy",
    "-s",
    "--source",
    "-p",
    "--http-proxy",
    "--platform",
    "-B",
    "--bulk-threshold",
    "--config-file",
];

fn command(command: &Command, report: &mut Report) {
    let gem = command.unwrapped();
    if command.instruction().name() != "RUN" || gem.name() != Some("gem") || is_decided(gem) {
        return;
    }
    let mut operands = gem.operands(&VALUED);
    if !operands.next().and_then(Word::text).is_some_and(|action| matches!(action, "install" | "i")) {
        return;
    }
    let end = gem.words().find(|word| word.text() == Some("--")).map(|word| word.place().span.start);
    for name in operands.take_while(|word| end.is_none_or(|end| word.place().span.start < end)) {
        if !is_unpinned(name, report.options(), |text| text.contains(':') || text.ends_with(".gem")) {
            continue;
        }
        let finding = report.finding(name, format!("`{}` is installed without a version", name.raw()));
        if !is_plain(command) || follows_option(gem, name) {
            finding.aliases(&[]);
        }
    }
}

/// Whether an option says which version of every gem is meant, or which file does.
fn is_decided(gem: Command) -> bool {
    gem.options().filter_map(Word::text).any(|text| {
        let is_long = matches!(text.split('=').next(), Some("--version" | "--file"));
        is_long || text.starts_with("-v") || text.starts_with("-g")
    })
}

/// Whether the word stands directly behind an option, so that it might be its value.
fn follows_option(gem: Command, name: Word) -> bool {
    let before = gem.words().take_while(|word| word.place().span.start < name.place().span.start);
    before.last().is_some_and(Word::is_option)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_files_and_other_commands_are_accepted() {
        for run in [
            "gem install a:1 'b:>= 2' --source https://x.example",
            "gem install a -v 1",
            "gem install a --version '~> 1'",
            "gem install a --version=1",
            "gem install a -v1",
            "gem install a:1 -- --with-b=c d",
            "gem install a.gem ./b.gem",
            "gem install -g",
            "gem install a:$VERSION $GEM",
            "gem update a",
            "gem list install",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_gem_is_flagged() {
        let text = "FROM x\nRUN gem install --no-document a \\\n 'b' c:1 -i /d && gem i e -- -v 1\nONBUILD RUN gem install f\n";
        assert_eq!(dockerfile(&RULE, text), ["a", "'b'", "e", "f"]);
    }

    #[test]
    fn variables_count_on_request() {
        let text = "FROM x\nRUN gem install $A b:$C\n";
        assert_eq!(Trial::with(&RULE, r#"{"variables": true}"#).dockerfile(text), ["$A"]);
    }
}
