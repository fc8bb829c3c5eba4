use hullmark_sdk::prelude::*;

use crate::words::sources_and_destination;

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
    /// ## Other tools
    ///
    /// hadolint and Trivy flag `.` as a destination too, and neither looks at `ADD`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#destination-1>
    tags: &["correctness"],
    aliases: &["DL3021", "DS-0011"],
    references: &["https://docs.docker.com/reference/dockerfile/#destination-1"],
    checks: &[Instruction("COPY", copy), Instruction("ADD", copy)],
}

fn copy(copy: &Instruction, report: &mut Report) {
    let Some((sources, destination)) = sources_and_destination(copy) else { return };
    let Some(path) = destination.resolved() else { return };
    let is_folder = path.ends_with(['/', '\\']) || matches!(path.rsplit(['/', '\\']).next(), Some("." | ".."));
    if sources.len() < 2 || path.is_empty() || is_folder {
        return;
    }
    let count = sources.len();
    let finding = report.finding(destination, format!("destination of {count} sources, `{path}`, does not end in `/`"));
    if copy.name() == "ADD" {
        finding.aliases(&[]);
    }
    let place = destination.part(0, path);
    let is_written = destination.document().text_at(place.span) == path;
    // Behind a quote or a variable the slash would have to go elsewhere.
    if is_written && !path.contains('\\') {
        finding.fix(Fix::safe("end the destination in `/`").insert_after(place, "/"));
    }
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
