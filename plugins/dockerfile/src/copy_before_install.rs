use hullmark_sdk::prelude::*;

use crate::words::{is_context, sources_and_destination};

rule! {
    /// All sources are copied before the dependencies are installed, so every change of a source installs them again.
    ///
    /// ## What it checks
    ///
    /// `COPY .` or `ADD .` from the build context, followed in the same stage by a command that installs what a manifest lists:
    /// `npm ci`, `npm install`, `yarn`, `pnpm install`, `pip install -r`, `poetry install`, `uv sync`, `pipenv install`, `bundle
    /// install`, `composer install`, `go mod download`, `cargo fetch`, `mvn dependency:go-offline`, `dotnet restore`. Nothing is said
    /// where dependencies were installed before the sources came, in the stage or in one that it is built from, and where the
    /// step has a cache mount.
    ///
    /// ## Why it matters
    ///
    /// A build takes steps from its cache up to the first one whose files have changed. The sources change with every build,
    /// the list of dependencies seldom: in this order the slowest step is never taken from the cache.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// WORKDIR /app
    /// COPY . .
    /// RUN npm ci
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// COPY . .
    /// ```
    ///
    /// ## How to fix
    ///
    /// Copy the manifest and its lock file, install, and then copy the rest.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/cache/optimize/#order-your-layers>
    level: Note,
    precision: Medium,
    tags: &["performance"],
    references: &["https://docs.docker.com/build/cache/optimize/#order-your-layers"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    // Dependencies of a stage below are installed already.
    if stage.lineage().skip(1).flat_map(Stage::commands).any(|command| installs(&command)) {
        return;
    }
    let mut copied: Option<Node> = None;
    for instruction in stage.instructions() {
        match instruction.name() {
            "COPY" | "ADD" if copied.is_none() && instruction.flag("from").is_none() => {
                let sources = sources_and_destination(&instruction).map(|(sources, _)| sources).unwrap_or_default();
                copied = sources.into_iter().find(is_context);
            }
            "RUN" => {
                let Some(install) = instruction.commands().find(installs) else { continue };
                let has_cache = instruction.mounts().any(|mount| mount.kind() == "cache");
                if let Some(context) = copied.filter(|_| !has_cache) {
                    let message =
                        "every change of a file that is copied here makes the build install all dependencies again";
                    report.finding(context, message).related(install.place(), "installed here");
                }
                return;
            }
            _ => {}
        }
    }
}

/// Whether a command installs what a manifest lists, and nothing that it names itself.
fn installs(command: &Command) -> bool {
    let command = command.unwrapped();
    let words: Option<Vec<&str>> = command.arguments().map(Word::text).collect();
    let (Some(name), Some(words)) = (command.name(), words) else { return false };
    match (name, &words[..]) {
        ("npm", ["ci" | "install" | "i" | "clean-install"]) => !command.has_flag(&["-g", "--global"]),
        ("yarn", [] | ["install"]) => !command.has_flag(&["-v", "--version", "--help"]),
        ("pnpm", ["install" | "i" | "fetch"]) => true,
        ("pip" | "pip3", ["install", ..]) => lists_requirements(command),
        ("python" | "python3", ["pip", "install", ..]) => command.has_flag(&["-m"]) && lists_requirements(command),
        ("uv", ["sync"]) => !command.has_flag(&["--no-install-project"]),
        ("pipenv", ["install"]) | ("poetry" | "bundle" | "composer", ["install", ..]) | ("bundle", []) => true,
        ("go", ["mod", "download"]) | ("cargo", ["fetch"]) | ("dotnet", ["restore", ..]) => true,
        ("mvn", goals) => goals.iter().any(|goal| goal.starts_with("dependency:")),
        _ => false,
    }
}

/// Whether `pip install` reads a list, and installs nothing that is copied.
fn lists_requirements(pip: Command) -> bool {
    pip.has_flag(&["-r", "--requirement"])
        && !pip.has_flag(&["-e", "--editable"])
        && !pip.words().any(|word| word.text() == Some("."))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn dependencies_that_come_first_are_fine() {
        for text in [
            "FROM x\nCOPY package.json .\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
            "FROM x AS d\nCOPY package.json .\nRUN npm ci\nFROM d\nCOPY . .\nRUN npm ci\n",
            "FROM x AS d\nCOPY . .\nFROM x\nRUN npm ci\n",
            "FROM x\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
            "FROM x\nCOPY . .\nRUN npm install -g yarn && npm run build && pip install flask && pip install . && go build\n",
            "FROM x\nCOPY src .\nRUN npm ci\n",
            "FROM x\nCOPY --from=y . .\nRUN npm ci\n",
            "FROM x\nCOPY . .\nCMD npm ci\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn sources_that_come_first_are_flagged() {
        for run in [
            "npm ci --omit=dev",
            "cd web && npm install",
            "yarn",
            "yarn install --frozen-lockfile",
            "pip install --no-cache-dir -r requirements.txt",
            "python -m pip install -r requirements.txt",
            "bundle install --jobs 4",
            "composer install --no-dev",
            "go mod download && go build",
            "mvn -B dependency:go-offline",
            "dotnet restore app.csproj",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nCOPY . /app\nRUN {run}\n")), ["."], "{run}");
        }
    }

    #[test]
    fn a_manifest_that_is_copied_alone_but_not_used_yet_does_not_help() {
        let text = "FROM x\nCOPY package.json ./\nCOPY . ./\nRUN npm ci\nRUN npm ci\n";
        assert_eq!(dockerfile(&RULE, text), ["."]);
    }
}
