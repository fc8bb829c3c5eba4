use hullmark_sdk::prelude::*;

use crate::pins::{self, is_unpinned};
use crate::plain::is_plain;

rule! {
    /// A Go package is installed without a version.
    ///
    /// ## What it checks
    ///
    /// Packages of `go install`, `go get` and `go run` in `RUN` that have no version behind `@`, or `latest`, which names another
    /// one tomorrow. Files, folders and packages of the standard library are passed over.
    ///
    /// ## Why it matters
    ///
    /// Outside a module the build of tomorrow may install another version than the one that was tested, or one that somebody has
    /// taken over. Inside a module `go.mod` says which version holds, where it lists the package.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3
    /// RUN go install golang.org/x/tools/cmd/stringer@latest
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3
    /// RUN go install golang.org/x/tools/cmd/stringer@v0.38.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the version that you have tested behind `@`.
    ///
    /// ## Options
    ///
    /// - `hostless` (default: `false`): whether packages whose path names no host are judged too, as `tool` and `acme/tool`. Such a
    ///   package comes from the project or from `GOPATH`.
    /// - `variables` (default: `false`): whether a word with a variable whose value the file does not tell is judged as it is
    ///   written (`$PACKAGES` has no version, `x.example/tool@$VERSION` has one); otherwise nothing is said of it.
    ///
    /// ## Other tools
    ///
    /// hadolint flags packages that are only a variable and those that name no host, as the options do here; also `go run main.go`,
    /// packages of the standard library, and values of some options (`-tags netgo`).
    ///
    /// ## References
    ///
    /// - <https://go.dev/ref/mod#go-install>
    level: Note,
    enabled: false,
    precision: High,
    tags: &["reproducibility"],
    aliases: &["DL3062"],
    references: &["https://go.dev/ref/mod#go-install"],
    options: &[
        OptionSpec::flag("hostless", false, "whether packages whose path names no host are judged too, as `tool` and `acme/tool`"),
        pins::VARIABLES,
    ],
    checks: &[Command(command)],
}

/// Options that take the next word as their value.
const VALUED: [&str; 20] = [
    "-C",
    "-p",
    "-o",
    "-tags",
    "-mod",
    "-modfile",
    "-ldflags",
    "-gcflags",
    "-asmflags",
    "-gccgoflags",
    "-exec",
    "-overlay",
    "-pkgdir",
    "-toolexec",
    "-buildmode",
    "-compiler",
    "-installsuffix",
    "-covermode",
    "-coverpkg",
    "-pgo",
];

/// Parts of Go that are named like packages.
const STANDARD: [&str; 3] = ["std", "cmd", "all"];

fn command(command: &Command, report: &mut Report) {
    let go = command.unwrapped();
    if command.instruction().name() != "RUN" || go.name() != Some("go") {
        return;
    }
    let mut operands = go.operands(&VALUED);
    let number = match operands.next().and_then(Word::text) {
        Some("install" | "get") => usize::MAX,
        // What follows are arguments of the program.
        Some("run") => 1,
        _ => return,
    };
    for package in operands.take(number) {
        let hostless = report.options().flag("hostless");
        if is_unpinned(package, report.options(), |text| is_versioned(text) || is_local(text, hostless)) {
            let finding = report.finding(package, format!("`{}` is installed without a version", package.raw()));
            if !is_plain(command) {
                finding.aliases(&[]);
            }
        }
    }
}

fn is_versioned(package: &str) -> bool {
    package.split_once('@').is_some_and(|(_, version)| !matches!(version, "latest" | "none"))
}

/// Whether a package is a file, a folder or a part of Go. One that can be fetched begins with the name of a host, which has a
/// dot; `hostless` leaves that out.
fn is_local(package: &str, hostless: bool) -> bool {
    let (path, _) = package.split_once('@').unwrap_or((package, ""));
    let host = path.split('/').next().unwrap_or_default();
    let is_fetched = host.contains('.') || host.starts_with('$') || hostless && !STANDARD.contains(&host);
    path.starts_with(['.', '/', '~']) || path.ends_with(".go") || !is_fetched
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn versions_folders_and_other_commands_are_accepted() {
        for run in [
            "go install",
            "go install ./... . ../a /b std cmd/go",
            "go install -tags netgo -ldflags '-s -w' x.example/a@v1",
            "go install x.example/a@$VERSION $PACKAGE \"$PACKAGE@v1\"",
            "go get -u",
            "go get -d -v ./...",
            "go run main.go",
            "go run x.example/a@v1 x.example/b",
            "go run . x.example/b",
            "go build x.example/a",
            "go mod download x.example/a",
            "go tool install x.example/a",
        ] {
            assert_eq!(dockerfile(&RULE, &format!("FROM x\nRUN {run}\n")), [""; 0], "{run}");
        }
    }

    #[test]
    fn every_package_is_flagged() {
        let text = "FROM x\nRUN go install -v x.example/a@latest \\\n x.example/b && GO111MODULE=on go get -u 'x.example/c'\n\
            ONBUILD RUN go run x.example/d e\n";
        assert_eq!(dockerfile(&RULE, text), ["x.example/a@latest", "x.example/b", "'x.example/c'", "x.example/d"]);
    }

    #[test]
    fn packages_without_a_host_count_on_request() {
        let text = "FROM x\nRUN go install tool acme/tool std cmd/go ./... main.go\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"hostless": true}"#).dockerfile(text), ["tool", "acme/tool"]);
    }

    #[test]
    fn variables_count_on_request() {
        let text = "FROM x\nRUN go install $A x.example/b@$C\n";
        assert_eq!(Trial::with(&RULE, r#"{"variables": true}"#).dockerfile(text), ["$A"]);
    }
}
