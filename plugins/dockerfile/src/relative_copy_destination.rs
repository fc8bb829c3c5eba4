use hullmark_sdk::prelude::*;

use crate::words::{is_relative, sources_and_destination, written};

rule! {
    /// Files are copied to a relative path, and no `WORKDIR` says from where.
    ///
    /// ## What it checks
    ///
    /// Destinations of `COPY` and `ADD` in stages without a `WORKDIR` above, in the stage or in those that it is built from. A
    /// destination that begins with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// The path starts at the working directory of the base image: often `/`, sometimes another, and it may change with the
    /// next version of the image.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// COPY dist app/
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// WORKDIR /srv
    /// COPY dist app/
    /// COPY assets /srv/assets/
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set `WORKDIR` above, or write the destination from the root.
    ///
    /// ## Other tools
    ///
    /// hadolint does not look at `ADD`, takes two stages on the same image for one, and does not know what a variable stands for.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#destination-1>
    tags: &["correctness"],
    precision: Medium,
    aliases: &["DL3045"],
    references: &["https://docs.docker.com/reference/dockerfile/#destination-1"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    if stage.lineage().skip(1).any(|parent| parent.all("WORKDIR").next().is_some()) {
        return;
    }
    let before = stage.instructions().take_while(|instruction| instruction.name() != "WORKDIR");
    for copy in before.filter(|instruction| matches!(instruction.name(), "COPY" | "ADD")) {
        let Some((_, destination)) = sources_and_destination(&copy) else { continue };
        if !is_relative(destination) {
            continue;
        }
        let text = destination.value().unwrap_or_default();
        let finding = report.finding(destination, format!("destination `{text}` is relative, and no `WORKDIR` is set"));
        if copy.name() == "ADD" || written(destination).starts_with('$') || shares_workdir(stage) {
            finding.aliases(&[]);
        }
    }
}

/// Whether hadolint takes a `WORKDIR` of another stage for one of this stage: for stages without a name it goes by the
/// name of the image.
fn shares_workdir(stage: &Stage) -> bool {
    let Some(base) = image(*stage) else { return false };
    let file = stage.from().node().document().dockerfile();
    let earlier = file.into_iter().flat_map(Dockerfile::stages).take_while(|other| other.index() < stage.index());
    let mut working = earlier.filter(|other| other.all("WORKDIR").next().is_some());
    working.any(|other| other.from().arguments().nth(1).and_then(Node::value).or_else(|| image(other)) == Some(base))
}

/// Its image without tag and digest.
fn image(stage: Stage<'_>) -> Option<&str> {
    let image = stage.from().arguments().next()?.value()?;
    parse_image(image).and_then(|parsed| image.get(..parsed.name_at.end as usize)).or(Some(image))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn absolute_paths_variables_and_workdirs_are_fine() {
        let text = "FROM a AS one\nCOPY a /b\nCOPY a $C/d\nCOPY a \"/b\"\nCOPY a C:\\\\b\nWORKDIR /x\nCOPY a b\nFROM one\nCOPY a b\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn a_workdir_of_another_stage_or_further_below_does_not_count() {
        let text =
            "FROM a\nWORKDIR /x\nFROM a\nCOPY a b/\nADD [\"a\", \".\"]\nONBUILD WORKDIR /x\nCOPY a c\nWORKDIR /y\n";
        assert_eq!(dockerfile(&RULE, text), ["b/", "\".\"", "c"]);
    }
}
