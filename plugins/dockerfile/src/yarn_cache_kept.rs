use hullmark_sdk::prelude::*;

use crate::cache;
use crate::plain::is_plain;

rule! {
    /// Yarn leaves its cache in the image.
    ///
    /// ## What it checks
    ///
    /// `yarn install`, `yarn add` and `yarn` alone in `RUN`, where no `yarn cache clean` follows in the same `RUN`, in stages whose
    /// layers an image carries: the last one, and those that others are built from. A cache or tmpfs mount over the cache is
    /// accepted, and so is a later `rm` of it.
    ///
    /// ## Why it matters
    ///
    /// The cache holds every downloaded package a second time. Nobody installs them again in a container, so the image is larger
    /// for nothing.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY package.json yarn.lock .
    /// RUN yarn install --frozen-lockfile
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY package.json yarn.lock .
    /// RUN yarn install --frozen-lockfile && yarn cache clean
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `&& yarn cache clean` behind the command, or keep the cache outside the image with
    /// `--mount=type=cache,target=/usr/local/share/.cache/yarn`.
    ///
    /// ## Other tools
    ///
    /// hadolint knows `yarn install` by this name alone. It flags a cache that `rm` removes.
    ///
    /// ## References
    ///
    /// - <https://classic.yarnpkg.com/lang/en/docs/cli/cache/>
    level: Note,
    tags: &["size"],
    precision: High,
    aliases: &["DL3060"],
    references: &["https://classic.yarnpkg.com/lang/en/docs/cli/cache/"],
    checks: &[Command(command)],
}

/// Options that take the next word as their value.
const VALUED: [&str; 6] =
    ["--cwd", "--cache-folder", "--modules-folder", "--network-timeout", "--network-concurrency", "--mutex"];

fn command(command: &Command, report: &mut Report) {
    let yarn = command.unwrapped();
    if command.instruction().name() != "RUN" || yarn.name() != Some("yarn") || !cache::stays(command) {
        return;
    }
    let mut operands = yarn.operands(&VALUED).peekable();
    if operands.next_if(|word| matches!(word.text(), Some("workspace" | "global"))).is_some() {
        // `global add a`, and `workspace name add a`.
        operands.next_if(|word| word.text() != Some("add"));
    }
    let action = match operands.next() {
        None if !yarn.has_flag(&["-v", "--version", "-h", "--help"]) => None,
        Some(action) if matches!(action.text(), Some("install" | "add")) => Some(action),
        _ => return,
    };
    if cache::is_mounted(command, "yarn") || cache::is_removed(command, "yarn") || command.after().any(cleans) {
        return;
    }
    let finding =
        report.finding(action.map_or_else(|| yarn.place(), Word::place), "yarn leaves its cache in the image");
    let end = command.whole_place();
    let is_alone = !command.is_exec_form() && !command.is_piped_into() && !command.is_in_background();
    if is_alone && command.redirections().next().is_none() {
        finding.fix(Fix::needs_review("clean the cache").insert_after(end, " && yarn cache clean"));
    }
    if !is_plain(command) || action.and_then(Word::text) != Some("install") {
        finding.aliases(&[]);
    }
}

fn cleans(later: Command) -> bool {
    let later = later.unwrapped();
    later.name() == Some("yarn") && later.arguments().any(|word| matches!(word.text(), Some("cache" | "clean")))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_cache_that_is_gone_and_other_commands_are_accepted() {
        for run in [
            "yarn install && yarn cache clean",
            "(yarn) && yarn cache clean --all",
            "yarn install; rm -rf /usr/local/share/.cache/yarn/*",
            "--mount=type=cache,target=/usr/local/share/.cache/yarn/v6 yarn install",
            "--mount=type=tmpfs,target=/root/.cache yarn",
            "yarn build",
            "yarn --version",
            "npx yarn",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn stages_that_are_left_behind_are_passed_over() {
        let left = "FROM x AS y\nRUN yarn install\nFROM z\nCOPY --from=y /a /a\n";
        assert_eq!(dockerfile(&RULE, left), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM x AS y\nRUN yarn install\nFROM y AS z\nFROM b\n"), ["install"]);
    }

    #[test]
    fn every_way_to_install_is_flagged() {
        let text = "FROM x\nRUN yarn cache clean && yarn --production \\\n  install\nRUN yarn\nRUN yarn cache clean\n\
            ONBUILD RUN [\"yarn\", \"add\", \"a\"]\nRUN --mount=type=cache,target=/other yarn --cwd a install\n\
            RUN yarn workspace b install\nRUN yarn global add c\n";
        assert_eq!(dockerfile(&RULE, text), ["install", "yarn", "\"add\"", "install", "install", "add"]);
    }

    #[test]
    fn the_fix_cleans_the_cache() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM x\nRUN yarn \\\n  install && yarn build\n");
        assert_eq!(fixed, "FROM x\nRUN yarn \\\n  install && yarn cache clean && yarn build\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
