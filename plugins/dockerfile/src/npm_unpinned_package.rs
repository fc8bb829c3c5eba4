use hullmark_sdk::prelude::*;

use crate::npm;
use crate::pins::{self, is_unpinned};
use crate::plain::is_plain;

rule! {
    /// A package of npm is installed without a version.
    ///
    /// ## What it checks
    ///
    /// Packages of `npm install` in `RUN` that name no version behind `@`, or `latest`, which names another one tomorrow; and
    /// repositories without a commit or tag behind `#`. Files, folders and archives are passed over.
    ///
    /// ## Why it matters
    ///
    /// The build of tomorrow may install another version than the one that was tested, or one that somebody has taken over.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN npm install --global serve
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// RUN npm install --global serve@14.2.5
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version that you have tested behind `@`.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `serve@$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint knows `npm install` by this name alone, not as `npm i`, and takes `latest` for a version. It flags `file:` and
    /// the folder `.` too, and packages that are only a variable, as the option does here.
    ///
    /// ## References
    ///
    /// - <https://docs.npmjs.com/cli/v11/commands/npm-install>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3016"],
    references: &["https://docs.npmjs.com/cli/v11/commands/npm-install"],
    options: &[pins::VARIABLES],
    checks: &[Command(command)],
}

const ARCHIVES: [&str; 3] = [".tar", ".tar.gz", ".tgz"];
const LOCAL: [&str; 4] = [".", "/", "~", "file:"];
const REPOSITORIES: [&str; 6] = ["git:", "git+", "github:", "gitlab:", "bitbucket:", "gist:"];

fn command(command: &Command, report: &mut Report) {
    let Some((action, packages)) = npm::action(command) else { return };
    if command.instruction().name() != "RUN" || !action.text().is_some_and(|name| npm::INSTALL.contains(&name)) {
        return;
    }
    for package in packages {
        if !is_unpinned(package, report.options(), is_pinned) {
            continue;
        }
        let is_latest = package.resolved().is_some_and(|text| text.ends_with("@latest"));
        let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
        if !is_plain(command) || action.text() != Some("install") || is_latest {
            finding.aliases(&[]);
        }
    }
}

fn is_pinned(package: &str) -> bool {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| package.starts_with(beginning));
    if starts(&LOCAL) || ARCHIVES.iter().any(|ending| package.ends_with(ending)) {
        return true;
    }
    // `owner/repository` is short for one on GitHub.
    let unscoped =
        package.strip_prefix('@').map_or(package, |scoped| scoped.split_once('/').map_or(scoped, |(_, name)| name));
    if starts(&REPOSITORIES) || unscoped.contains('/') && !package.contains("://") {
        return package.contains('#') || unscoped.contains('@') && !package.contains("://");
    }
    unscoped.split_once('@').is_some_and(|(_, version)| version != "latest") || package.contains("://")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_files_and_other_commands_are_accepted() {
        for run in [
            "npm install",
            "npm ci",
            "npm install -g a@1 @b/c@2 'd@>=0.1 <0.2'",
            "npm install --loglevel verbose --registry https://x.example a@1",
            "npm install ./a ../b /c ~/d e.tgz f.tar.gz file:g .",
            "npm install git+https://x.example/y.git#v1 a/b#1 github:a/b#1",
            "npm install a@$VERSION $PACKAGE",
            "npm run install a",
            "npm config set a",
            "yarn add a",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged() {
        let text = "FROM x\nRUN npm install -g a @b/c \\\n  'd' && npm --loglevel warn i e@latest f/g \\\n git+ssh://git@x.example/h\n\
            ONBUILD RUN [\"npm\", \"install\", \"i\"]\n";
        let expected = ["a", "@b/c", "'d'", "e@latest", "f/g", "git+ssh://git@x.example/h", "\"i\""];
        assert_eq!(dockerfile(&RULE, text), expected);
    }

    #[test]
    fn variables_count_on_request() {
        let text = "FROM x\nRUN npm install $A b@$C\n";
        assert_eq!(Trial::with(&RULE, r#"{"variables": true}"#).dockerfile(text), ["$A"]);
    }
}
