use hullmark_sdk::prelude::*;

use crate::words::{sources_and_destination, written};

rule! {
    /// Several sources are copied to a destination that does not end in a slash.
    ///
    /// ## What it checks
    ///
    /// `COPY` and `ADD` with more than one source, heredocs among them. `.` and `..` are folders in any case, and a
    /// destination that ends in a variable without a value is passed over.
    ///
    /// ## Why it matters
    ///
    /// The destination must be a folder. Older builders refuse the instruction; BuildKit accepts it and, where the folder does
    /// not exist, leaves a file that holds only the last of the sources.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// COPY package.json package-lock.json /app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// COPY tsconfig.json nest-cli.json .
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the destination in a slash.
    ///
    /// ## Options
    ///
    /// - `written` (default: `false`): want a `/` as the last character in any case, also of `.`, `..` and a variable.
    ///
    /// ## Other tools
    ///
    /// hadolint and Trivy want the slash to be written, as the option does, and neither looks at `ADD`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#destination-1>
    tags: &["correctness"],
    aliases: &["DL3021", "DS-0011"],
    references: &["https://docs.docker.com/reference/dockerfile/#destination-1"],
    options: &[OptionSpec::flag("written", false, "whether `.`, `..` and variables must end in a written `/` too")],
    checks: &[Instruction("COPY", copy), Instruction("ADD", copy)],
}

fn copy(copy: &Instruction, report: &mut Report) {
    let Some((sources, destination)) = sources_and_destination(copy) else { return };
    let has_slash = written(destination).ends_with('/');
    let path = match destination.resolved().filter(|path| !path.is_empty()) {
        Some(path) if !is_folder(path) => path,
        _ if report.options().flag("written") && !has_slash => written(destination),
        _ => return,
    };
    if sources.len() < 2 {
        return;
    }
    let count = sources.len();
    let finding = report.finding(destination, format!("destination of {count} sources, `{path}`, does not end in `/`"));
    if copy.name() == "ADD" || has_slash {
        finding.aliases(&[]);
    }
    let place = destination.part(0, path);
    let is_written = destination.document().text_at(place.span) == path;
    // Behind a quote or a variable the slash would have to go elsewhere.
    if is_written && !path.contains(['\\', '$']) {
        finding.fix(Fix::safe("end the destination in `/`").insert_after(place, "/"));
    }
}

fn is_folder(path: &str) -> bool {
    path.ends_with(['/', '\\']) || matches!(path.rsplit(['/', '\\']).next(), Some("." | ".."))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn one_source_and_folders_are_fine() {
        let text = "FROM a\nARG D=/d/\nCOPY a /b\nCOPY a b /c/\nCOPY a b .\nCOPY a b ./x/..\nCOPY a b $D\nCOPY a b ${X}\n\
            COPY [\"a\", \"b\", \"/c/\"]\nCOPY *.json /x\nCOPY --from=a b /c\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn heredocs_are_sources() {
        assert_eq!(dockerfile(&RULE, "FROM a\nCOPY <<A <<B /d\n1\nA\n2\nB\n"), ["/d"]);
    }

    #[test]
    fn the_fix_removes_the_finding() {
        let text = "FROM a\nCOPY a b /c\nADD [\"a b\", \"b\", \"/d\"]\n";
        assert_eq!(dockerfile(&RULE, text), ["/c", "\"/d\""]);
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM a\nCOPY a b /c/\nADD [\"a b\", \"b\", \"/d/\"]\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
