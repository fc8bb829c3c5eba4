use hullmark_sdk::prelude::*;

use crate::npm;
use crate::words::sources_and_destination;

rule! {
    /// `npm install` may install other versions than those of the lock file.
    ///
    /// ## What it checks
    ///
    /// `npm install` without names of packages in `RUN`, where a lock file is copied before: by its name, by a pattern such as
    /// `package*.json`, or with a whole folder. Nothing is said where npm is told to write the lock file or to do without it.
    ///
    /// ## Why it matters
    ///
    /// `npm install` changes the lock file where it does not fit `package.json`, so that the image gets versions that nobody has
    /// tested. `npm ci` fails instead; it also starts from an empty folder, and is faster.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm install
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `npm ci`. Where it fails, run `npm install` on your machine and commit the lock file.
    ///
    /// ## Options
    ///
    /// - `without-lockfile` (default: `false`): whether `npm install` is flagged too where no lock file is copied, so that
    ///   `npm ci` needs one first.
    ///
    /// ## References
    ///
    /// - <https://docs.npmjs.com/cli/v11/commands/npm-ci>
    tags: &["reproducibility"],
    precision: Medium,
    references: &["https://docs.npmjs.com/cli/v11/commands/npm-ci"],
    options: &[OptionSpec::flag(
        "without-lockfile",
        false,
        "Whether `npm install` is flagged too where no lock file is copied, so that `npm ci` needs one first.",
    )],
    checks: &[Command(command)],
}

const LOCK_FILES: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];
const NOT_ALL: [&str; 6] =
    ["-g", "--global", "--package-lock-only", "--no-package-lock", "--dry-run", "--package-lock=false"];

fn command(command: &Command, report: &mut Report) {
    let Some((install, packages)) = npm::action(command) else { return };
    let npm = command.unwrapped();
    let is_install = install.text().is_some_and(|name| npm::INSTALL.contains(&name));
    if command.instruction().name() != "RUN" || !is_install || !packages.is_empty() || npm.has_flag(&NOT_ALL) {
        return;
    }
    let is_removed = command.before().any(|earlier| {
        let rm = earlier.unwrapped();
        rm.name() == Some("rm") && rm.words().any(|word| is_lock_file(word.raw()))
    });
    if is_removed || !report.options().flag("without-lockfile") && !has_lock_file(command) {
        return;
    }
    let message = format!("`npm {}` may install other versions than those of the lock file", install.raw());
    let finding = report.finding(install, message);
    let text = if command.is_exec_form() { "\"ci\"" } else { "ci" };
    finding.fix(Fix::needs_review("use `npm ci`").replace(install, text));
}

/// Whether the step mounts a lock file, or an instruction before it in its stage, or in one that it is built from, copies one.
fn has_lock_file(command: &Command) -> bool {
    let run = command.instruction();
    let start = run.place().span.start;
    let is_mounted = run.mounts().any(|mount| mount.field(&["source", "src"]).is_some_and(is_lock_file));
    let instructions = command.stage().into_iter().flat_map(Stage::lineage).flat_map(Stage::instructions);
    let mut copies = instructions
        .filter(|instruction| matches!(instruction.name(), "COPY" | "ADD") && instruction.place().span.start < start);
    is_mounted
        || copies.any(|copy| {
            let (sources, _) = sources_and_destination(&copy).unwrap_or_else(|| (Vec::new(), copy.node()));
            sources.into_iter().filter_map(Node::value).any(holds_lock_file)
        })
}

fn is_lock_file(path: &str) -> bool {
    LOCK_FILES.contains(&path.rsplit('/').next().unwrap_or_default())
}

/// Whether a source of COPY is a lock file, a pattern that fits one, or a folder of which it is likely a part.
fn holds_lock_file(source: &str) -> bool {
    let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let fits =
        |(start, end): (&str, &str)| LOCK_FILES.iter().any(|file| file.starts_with(start) && file.ends_with(end));
    is_lock_file(source) || matches!(name, "" | ".") || name.split_once('*').is_some_and(fits)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_ways_to_install_are_accepted() {
        for run in [
            "npm ci",
            "npm install a",
            "npm install -g",
            "npm install --global=true",
            "npm install $PACKAGES",
            "npm install --no-package-lock",
            "npm run install",
            "rm -f package-lock.json && npm install",
            "echo npm install",
        ] {
            let text = format!("FROM x\nCOPY package-lock.json .\nRUN {run}\n");
            assert_eq!(dockerfile(&RULE, &text), [""; 0], "{run}");
        }
    }

    #[test]
    fn without_a_lock_file_there_is_nothing_to_say() {
        for copy in ["COPY package.json .", "COPY src/ .", "COPY *.txt .", "COPY yarn.lock ."] {
            let text = format!("FROM x\n{copy}\nRUN npm install\nCOPY . .\n");
            assert_eq!(dockerfile(&RULE, &text), [""; 0], "{copy}");
            assert_eq!(Trial::with(&RULE, r#"{"without-lockfile": true}"#).dockerfile(&text), ["install"], "{copy}");
        }
    }

    #[test]
    fn lock_files_are_seen_wherever_they_come_from() {
        for copy in [
            "COPY package.json package-lock.json ./",
            "COPY package*.json ./",
            "COPY [\"app/npm-shrinkwrap.json\", \"/\"]",
            "ADD . /app",
            "COPY --from=y /app/package*.json .",
        ] {
            let text = format!("FROM x AS y\n{copy}\nFROM y\nRUN npm i --omit=dev\n");
            assert_eq!(dockerfile(&RULE, &text), ["i"], "{copy}");
        }
        let text = "FROM x\nRUN --mount=type=bind,source=package-lock.json,target=/a/package-lock.json npm install\n";
        assert_eq!(dockerfile(&RULE, text), ["install"]);
    }

    #[test]
    fn the_fix_writes_the_other_command() {
        let text = "FROM x\nCOPY . .\nRUN npm install --omit=dev\nRUN [\"npm\", \"install\"]\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM x\nCOPY . .\nRUN npm ci --omit=dev\nRUN [\"npm\", \"ci\"]\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
