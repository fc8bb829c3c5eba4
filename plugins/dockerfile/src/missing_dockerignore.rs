use hullmark_sdk::prelude::*;

use crate::words::{is_context, sources_and_destination};

rule! {
    /// The whole build context is copied, and no `.dockerignore` says what to leave out.
    ///
    /// ## What it checks
    ///
    /// `COPY .` and `ADD .` from the build context, in stages that the final one needs, where there is no `.dockerignore`
    /// beside the Dockerfile, at the root, or under the Dockerfile's own name. One finding for each Dockerfile.
    ///
    /// ## Why it matters
    ///
    /// Everything goes into the image: `.git` with its history, `.env` files with credentials, dependencies of another
    /// platform. Every change to any of it makes the build begin anew.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// WORKDIR /app
    /// COPY . .
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// COPY src/ src/
    /// ```
    ///
    /// ```dockerignore
    /// .git
    /// ```
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// WORKDIR /app
    /// COPY . .
    /// ```
    ///
    /// ## How to fix
    ///
    /// Add a `.dockerignore` to the build context, or copy the folders that the image needs.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/concepts/context/#dockerignore-files>
    tags: &["security", "size", "external/cwe/cwe-538"],
    security_severity: Some("3.0"),
    precision: Medium,
    references: &["https://docs.docker.com/build/concepts/context/#dockerignore-files"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    if file.document().ignore_file().is_some() {
        return;
    }
    let copies = file
        .stages()
        .filter(|stage| stage.is_shipped())
        .flat_map(Stage::instructions)
        .filter(|instruction| matches!(instruction.name(), "COPY" | "ADD") && instruction.flag("from").is_none());
    let context =
        copies.filter_map(|copy| sources_and_destination(&copy)).flat_map(|(sources, _)| sources).find(is_context);
    if let Some(source) = context {
        report.finding(source, "the whole build context is copied, and there is no `.dockerignore`");
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn parts_and_other_sources_are_fine() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nFROM a\nCOPY src .\nCOPY --from=b . .\nCOPY ./x $D .\n"), [""; 0]);
    }

    #[test]
    fn a_stage_that_is_not_shipped_does_not_matter() {
        assert_eq!(dockerfile(&RULE, "FROM a AS test\nCOPY . .\nFROM a\nCOPY src .\n"), [""; 0]);
    }

    #[test]
    fn an_ignore_file_is_enough() {
        assert_eq!(project(&RULE, &[(".dockerignore", ".git\n"), ("Dockerfile", "FROM a\nCOPY . .\n")]), [""; 0]);
    }

    #[test]
    fn one_finding_is_enough() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nADD [\"./\", \"/\"]\nFROM b\nCOPY . .\n"), ["\"./\""]);
    }
}
