use hullmark_sdk::prelude::*;

use crate::installers::{Installer, installer};
use crate::{edit, environment, pip};

rule! {
    /// Packages for development are installed in the image that ships.
    ///
    /// ## What it checks
    ///
    /// In the last stage and in those that it is built from: `npm ci` and `npm install`, `yarn`, `pnpm install`,
    /// `composer install`, `poetry install` and `uv sync` of a whole project without the option or variable that
    /// leaves packages for development out; and `pip install -r` of a file with `dev` or `test` in its name. Nothing is said of
    /// a file or a stage whose name says that it is for development or tests, where a later step needs these packages (`npm run build`) or
    /// removes them (`npm prune`), or where a variable may leave them out.
    ///
    /// ## Why it matters
    ///
    /// Compilers, test runners and what they need make the image larger, slow every pull and every scan down, and bring
    /// vulnerabilities into a place where nothing uses them.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY package.json package-lock.json server.js ./
    /// RUN npm ci
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// COPY package.json package-lock.json server.js ./
    /// RUN npm ci --omit=dev
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Leave them out: `npm ci --omit=dev`, `yarn install --production`, `pnpm install --prod`, `composer install --no-dev`,
    /// `poetry install --only=main`, `uv sync --no-dev`. What the build needs belongs into a stage of its own.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages>
    level: Note,
    tags: &["size"],
    precision: Medium,
    references: &["https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages"],
    checks: &[Dockerfile(file)],
}

/// Programs of Node.js whose other actions need packages for development, or remove them.
const NODE: [&str; 5] = ["npm", "yarn", "pnpm", "npx", "turbo"];
const DEVELOPMENT: [&str; 7] = ["dev", "develop", "development", "devcontainer", "test", "tests", "testing"];
const OTHER_PURPOSES: [&str; 5] = ["ci", "debug", "build", "watch", "lint"];

fn file(file: &Dockerfile, report: &mut Report) {
    let Some(last) = file.final_stage() else { return };
    let mut stages: Vec<Stage> = last.lineage().collect();
    stages.reverse();
    let is_named = is_for_development(file.document().path());
    if is_named
        || stages.iter().any(|stage| stage.name().is_some_and(is_for_other_purpose))
        || runs_for_development(last)
    {
        return;
    }
    let runs = stages.into_iter().flat_map(|stage| stage.all("RUN"));
    let commands: Vec<Command> = runs.flat_map(Instruction::commands).collect();
    for (index, command) in commands.iter().enumerate() {
        requirements(command, report);
        let Some(program) = installer(command) else { continue };
        if !is_spared(command, program, &commands) && !is_used(program, &commands[index + 1..]) {
            whole_project(command, program, report);
        }
    }
}

/// Whether an option, a variable or a setting may leave packages for development out.
fn is_spared(command: &Command, installer: &Installer, commands: &[Command]) -> bool {
    let inner = command.unwrapped();
    let hidden = inner.words().any(|word| word.may_split() && word.resolved().is_none());
    let by_variable = environment::seen_by(*command).any(|set| {
        let is_meant = installer.variables.iter().any(|name| name.eq_ignore_ascii_case(set.name));
        is_meant && !set.value.is_some_and(|value| matches!(value, "" | "0" | "false" | "development" | "dev" | "test"))
    });
    let by_setting = commands.iter().any(|other| {
        other.unwrapped().name() == Some(installer.name) && other.unwrapped().subcommand() == Some("config")
    });
    hidden || by_variable || by_setting || inner.has_flag(installer.options)
}

/// Whether a later step needs packages for development, or removes them.
fn is_used(program: &Installer, later: &[Command]) -> bool {
    NODE.contains(&program.name)
        && later.iter().map(|command| command.unwrapped()).any(|command| match command.name() {
            Some("rm") => command.words().any(|word| word.raw().contains("node_modules")),
            Some(name) => NODE.contains(&name) && installer(&command).is_none(),
            None => command.word(0).is_some(),
        })
}

fn whole_project(command: &Command, installer: &Installer, report: &mut Report) {
    let inner = command.unwrapped();
    let action = inner.arguments().next();
    let Some(word) = action.or_else(|| inner.word(0)) else { return };
    let called = action.map_or_else(String::new, |action| format!(" {}", action.raw()));
    let message = format!("`{}{called}` installs packages for development too", installer.name);
    let finding = report.finding(word, message);
    if let Some(option) = installer.options.first() {
        finding.fix(edit::with_option(Fix::needs_review(format!("add `{option}`")), command, word, option));
    }
}

/// `pip install -r requirements-dev.txt`.
fn requirements(command: &Command, report: &mut Report) {
    let words: Vec<Word> = command.unwrapped().words().filter(|_| pip::install(command).is_some()).collect();
    for pair in words.windows(2) {
        let name = pair[1].resolved().unwrap_or_default();
        let file = name.rsplit('/').next().unwrap_or_default();
        if matches!(pair[0].text(), Some("-r" | "--requirement")) && is_for_development(file) {
            report.finding(pair[1], format!("`{name}` by its name lists packages for development"));
        }
    }
}

fn is_for_development(name: &str) -> bool {
    has_word(name, &DEVELOPMENT)
}

/// Whether a stage's name or a command tells a purpose other than to serve.
fn is_for_other_purpose(text: &str) -> bool {
    has_word(text, &DEVELOPMENT) || has_word(text, &OTHER_PURPOSES)
}

fn has_word(text: &str, words: &[&str]) -> bool {
    let mut parts = text.split(|char: char| !char.is_ascii_alphanumeric());
    parts.any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// Whether what the image runs is a server for development, a build or a test.
fn runs_for_development(stage: Stage) -> bool {
    let mut commands = stage.instructions().filter(|instruction| matches!(instruction.name(), "CMD" | "ENTRYPOINT"));
    commands.any(|instruction| instruction.arguments().filter_map(Node::value).any(is_for_other_purpose))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_leaves_them_out_is_accepted() {
        for run in [
            "npm ci --omit=dev",
            "npm ci --only production",
            "npm install --production",
            "npm install a",
            "npm ci $OPTIONS",
            "NODE_ENV=production npm ci",
            "npm config set omit dev && npm ci",
            "npm ci && npm prune --omit=dev",
            "npm ci && npm run build",
            "npm ci && rm -rf node_modules",
            "yarn --production",
            "yarn --version",
            "composer install --no-dev",
            "poetry install --without dev",
            "UV_NO_DEV=1 uv sync",
            "pip install -r requirements.txt",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
        for text in [
            "FROM x\nENV NODE_ENV=production\nRUN npm ci\n",
            "FROM x\nARG NODE_ENV\nRUN npm ci\n",
            "FROM x\nRUN npm ci\nRUN yarn test\n",
            "FROM x\nRUN npm ci\nCMD [\"npm\", \"run\", \"dev\"]\n",
            "FROM x AS dev\nRUN npm ci\n",
            "FROM x AS a\nRUN npm ci\nFROM y\nCOPY --from=a /dist /dist\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_file_for_development_is_passed_over() {
        for path in ["Dockerfile.dev", ".devcontainer/Dockerfile", "test/Dockerfile"] {
            assert_eq!(project(&RULE, &[(path, "FROM x\nRUN npm ci\n")]), [""; 0], "{path}");
        }
        assert_eq!(project(&RULE, &[("build/Dockerfile", "FROM x\nRUN npm ci\n")]), ["ci"]);
    }

    #[test]
    fn whole_projects_are_flagged() {
        let text = "FROM x AS a\nENV NODE_ENV=development\nRUN npm --loglevel=warn ci\nFROM a\nRUN yarn \\\n --frozen-lockfile && composer install\n\
            RUN poetry install; uv sync --frozen; pip install -r deps/requirements-dev.txt\nCMD [\"npm\", \"start\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["ci", "yarn", "install", "install", "sync", "deps/requirements-dev.txt"]);
    }

    #[test]
    fn the_fix_leaves_them_out() {
        let text = "FROM x\nRUN npm ci --quiet\nRUN [\"composer\", \"install\"]\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM x\nRUN npm ci --omit=dev --quiet\nRUN [\"composer\", \"install\", \"--no-dev\"]\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
