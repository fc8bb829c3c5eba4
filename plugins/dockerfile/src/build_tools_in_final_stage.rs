use hullmark_sdk::prelude::*;

use crate::shipping;

rule! {
    /// The image holds compilers and build tools, which are needed to build it only.
    ///
    /// ## What it checks
    ///
    /// The last stage and those that it is built from, where they set a `CMD` or `ENTRYPOINT` that runs a program of its own:
    ///
    /// - packages of the option `packages` that `apt-get`, `apk`, `dnf`, `yum`, `microdnf` or `zypper` install, unless the same `RUN`
    ///   removes packages afterwards;
    /// - a base image of the option `images`.
    ///
    /// In both cases a `RUN` must build something with them, be it by `pip install`: where none does, they are meant for use.
    /// Images for people and pipelines are passed over: those whose command is a shell or a build tool, and those whose last
    /// stage is called `dev`, `test`, `ci` or the like.
    ///
    /// ## Why it matters
    ///
    /// A toolchain is larger than most services, is pulled by every node, and gives whoever breaks in all that is needed to
    /// build more.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3
    /// COPY . /src
    /// RUN go build -C /src -o /app
    /// CMD ["/app"]
    /// ```
    ///
    /// ```dockerfile
    /// FROM python:3.13.7-slim
    /// RUN apt-get update && apt-get install -y gcc
    /// RUN pip install -r requirements.txt
    /// CMD ["python", "app.py"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// COPY . /src
    /// RUN CGO_ENABLED=0 go build -C /src -o /app
    /// FROM gcr.io/distroless/static
    /// COPY --from=build /app /app
    /// CMD ["/app"]
    /// ```
    ///
    /// ```dockerfile
    /// FROM python:3.13.7-alpine
    /// RUN apk add --virtual .build gcc && pip install -r requirements.txt && apk del .build
    /// CMD ["python", "app.py"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Build in a stage of its own, and copy the result into a last stage that starts from a small image. Where a package must be
    /// compiled in place, remove the tools in the same `RUN`.
    ///
    /// ## Options
    ///
    /// - `packages` (default: `autoconf`, `automake`, `bison`, `build-base`, `build-essential`, `cargo`, `clang`, `cmake`, `flex`, `g++`,
    ///   `gcc`, `gcc-c++`, `golang`, `golang-go`, `gradle`, `maven`, `ninja-build`, `rust`, `rustc`): packages that are build tools.
    /// - `images` (default: `composer`, `gcc`, `golang`, `gradle`, `haskell`, `maven`, `mcr.microsoft.com/dotnet/sdk`, `rust`, `swift`):
    ///   images that are toolchains, with their registry unless it is Docker Hub.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/multi-stage/>
    /// - <https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds>
    level: Note,
    precision: Medium,
    tags: &["size", "security"],
    security_severity: Some("2.0"),
    references: &[
        "https://docs.docker.com/build/building/multi-stage/",
        "https://docs.docker.com/build/building/best-practices/#use-multi-stage-builds",
    ],
    options: &[
        OptionSpec::texts(
            "packages",
            &[
                "autoconf", "automake", "bison", "build-base", "build-essential", "cargo", "clang", "cmake", "flex", "g++",
                "gcc", "gcc-c++", "golang", "golang-go", "gradle", "maven", "ninja-build", "rust", "rustc",
            ],
            "Packages that are build tools.",
        ),
        OptionSpec::texts(
            "images",
            &[
                "composer", "gcc", "golang", "gradle", "haskell", "maven", "mcr.microsoft.com/dotnet/sdk", "rust", "swift",
            ],
            "Images that are toolchains, with their registry unless it is Docker Hub.",
        ),
    ],
    checks: &[Dockerfile(file)],
}

/// Names of stages that are for people and pipelines.
const WORKSHOPS: [&str; 14] = [
    "build",
    "builder",
    "ci",
    "debug",
    "dev",
    "devcontainer",
    "devel",
    "development",
    "lint",
    "sdk",
    "test",
    "tester",
    "testing",
    "tests",
];
/// Programs with which an image is a tool itself: shells, compilers, and what runs sources.
const TOOLS: [&str; 22] = [
    "air",
    "ash",
    "bash",
    "cargo",
    "clang",
    "cmake",
    "composer",
    "dotnet-watch",
    "g++",
    "gcc",
    "ghc",
    "go",
    "gradle",
    "gradlew",
    "make",
    "mvn",
    "mvnw",
    "ninja",
    "rustc",
    "sh",
    "swift",
    "zsh",
];

fn file(file: &Dockerfile, report: &mut Report) {
    let Some(last) = file.final_stage().filter(is_service) else { return };
    let stages: Vec<Stage> = file.stages().filter(shipping::is_in_image).collect();
    let commands = || stages.iter().flat_map(|stage| stage.commands());
    let Some(build) = commands().find(builds) else { return };
    for command in commands() {
        if command.instruction().name() != "RUN" || command.after().any(|after| removes(&after)) {
            continue;
        }
        let is_tool = |word: &Word| report.options().texts("packages").any(|tool| package(word) == Some(tool));
        if let Some(tool) = installed(&command).into_iter().find(is_tool) {
            let message = format!("build tool `{}` stays in the image", package(&tool).unwrap_or_default());
            report.finding(tool, message).related(build.place(), "used here");
        }
    }
    let Some((root, image)) = last.lineage().last().and_then(|root| Some((root, root.image()?))) else { return };
    let name = image.familiar_name();
    if report.options().texts("images").any(|listed| listed == name) {
        let finding = report.finding(root.place(), format!("toolchain `{name}` is shipped with what was built in it"));
        finding.related(build.place(), "built here");
    }
}

/// Whether the image runs a program of its own, and is no tool for developers.
fn is_service(last: &Stage) -> bool {
    let is_workshop = last.name().is_some_and(|name| name.split(['-', '_', '.']).any(|part| WORKSHOPS.contains(&part)));
    let starts = |name: &'static str| last.lineage().find_map(|stage| stage.all(name).next_back());
    let Some(start) = starts("ENTRYPOINT").or_else(|| starts("CMD")).filter(|_| !is_workshop) else { return false };
    let mut programs = start.commands().filter_map(|command| command.unwrapped().name()).peekable();
    // A shell that is given something to run is no program by itself.
    let runs_script = start.commands().any(|command| command.script().runner().is_some());
    programs.peek().is_some()
        && !programs.any(|program| TOOLS.contains(&program) && !(runs_script && program.ends_with("sh")))
}

/// The words behind a command that installs packages.
fn installed<'a>(command: &Command<'a>) -> Vec<Word<'a>> {
    let command = command.unwrapped();
    let installs: &[&str] = match command.name() {
        Some("apt-get" | "apt" | "aptitude" | "dnf" | "yum" | "microdnf") => &["install"],
        Some("apk") => &["add"],
        Some("zypper") => &["install", "in"],
        _ => &[],
    };
    let mut words = command.arguments();
    let is_install = |word: Word| word.text().is_some_and(|text| installs.contains(&text));
    if words.by_ref().any(is_install) { words.collect() } else { Vec::new() }
}

/// The name of a package without its version.
fn package<'a>(word: &Word<'a>) -> Option<&'a str> {
    word.resolved()?.split(['=', '~', '<', '>', ':', '/']).next()
}

/// Whether a command removes packages.
fn removes(command: &Command) -> bool {
    let command = command.unwrapped();
    let removals: &[&str] = match command.name() {
        Some("apt-get" | "apt" | "aptitude") => &["remove", "purge", "autoremove", "autopurge"],
        Some("apk") => &["del"],
        Some("dnf" | "yum" | "microdnf") => &["remove", "erase", "autoremove"],
        Some("zypper") => &["remove", "rm"],
        _ => &[],
    };
    command.arguments().any(|word| word.text().is_some_and(|text| removals.contains(&text)))
}

/// Whether a command builds a program, or installs what may have to be built.
fn builds(command: &Command) -> bool {
    let is_run = command.instruction().name() == "RUN";
    let command = command.unwrapped();
    is_run
        && match (command.name(), command.subcommand()) {
            (Some("gcc" | "g++" | "cc" | "c++" | "clang" | "rustc" | "ghc" | "swiftc" | "make" | "cmake"), _)
            | (Some("mvn" | "mvnw" | "gradle" | "gradlew" | "yarn"), _) => true,
            (Some("go" | "cargo" | "dotnet" | "swift" | "cabal" | "stack" | "composer"), Some(action))
            | (Some("pip" | "pip3" | "npm" | "pnpm" | "gem" | "bundle"), Some(action)) => {
                matches!(action, "build" | "ci" | "get" | "install" | "publish")
            }
            (Some("python" | "python3"), Some(module)) => module == "pip" || module == "setup.py",
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn tools_that_do_not_stay_are_fine() {
        for text in [
            "FROM golang:1 AS build\nRUN go build\nFROM scratch\nCOPY --from=build /a /a\nCMD [\"/a\"]\n",
            "FROM a\nRUN apk add --virtual .b gcc && make && apk del .b\nCMD [\"a\"]\n",
            "FROM a\nRUN apt-get install -y gcc; make; apt-get purge -y --auto-remove $DEPS\nCMD [\"a\"]\n",
            "FROM a\nRUN apt-get install -y libgcc-s1 gcc-doc; echo gcc; make\nCMD [\"a\"]\n",
            "FROM a\nRUN apt-get install -y gcc\nCMD [\"a\"]\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn images_for_people_and_pipelines_are_fine() {
        for rest in [
            "",
            "CMD [\"bash\"]\n",
            "ENTRYPOINT /bin/sh\n",
            "ENTRYPOINT [\"make\"]\nCMD [\"all\"]\n",
            "CMD go run .\n",
            "FROM b AS web-dev\nCMD [\"a\"]\n",
        ] {
            let text = format!("FROM golang:1 AS b\nRUN apt-get install -y gcc && go build\n{rest}");
            assert_eq!(dockerfile(&RULE, &text), [""; 0], "{text}");
        }
        assert_eq!(dockerfile(&RULE, "FROM golang:1\nRUN go version\nCMD [\"gopls\"]\n"), [""; 0]);
    }

    #[test]
    fn tools_of_a_service_are_flagged() {
        let text = "FROM a AS base\nRUN apt-get update && apt-get install -y curl \\\n  gcc=4:12 g++\nFROM base\nRUN sudo apk add build-base\nRUN pip install b\nCMD [\"a\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["gcc=4:12", "build-base"]);
    }

    #[test]
    fn a_toolchain_as_base_is_flagged() {
        let text = "FROM golang:1\nRUN cd /src && go build -o /a\nENTRYPOINT exec /a\n";
        assert_eq!(dockerfile(&RULE, text), ["golang:1"]);
        let text =
            "FROM mcr.microsoft.com/dotnet/sdk:9.0\nRUN dotnet publish\nCMD [\"sh\", \"-c\", \"dotnet a.dll\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["mcr.microsoft.com/dotnet/sdk:9.0"]);
    }

    #[test]
    fn the_lists_are_options() {
        let text = "FROM golang:1\nRUN apk add gcc nasm && go build\nCMD [\"a\"]\n";
        let own = Trial::with(&RULE, r#"{"packages": ["nasm"], "images": []}"#);
        assert_eq!(own.dockerfile(text), ["nasm"]);
    }
}
