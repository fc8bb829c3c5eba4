use hullmark_sdk::prelude::*;

rule! {
    /// The stage has a name that means something else to BuildKit.
    ///
    /// ## What it checks
    ///
    /// The names `scratch` and `context` after `AS`.
    ///
    /// ## Why it matters
    ///
    /// `scratch` is the empty image and `context` the build context: a reader takes a later `FROM scratch` or
    /// `COPY --from=context` for those, and BuildKit may reject the name in a later version.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22 AS scratch
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM scratch AS files
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the stage another name.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/reserved-stage-name/>
    tags: &["correctness"],
    aliases: &["ReservedStageName", "DL3063"],
    references: &["https://docs.docker.com/reference/build-checks/reserved-stage-name/"],
    checks: &[Stage(stage)],
}

const RESERVED: [&str; 2] = ["scratch", "context"];

fn stage(stage: &Stage, report: &mut Report) {
    if !stage.name().is_some_and(|name| RESERVED.contains(&name)) {
        return;
    }
    let Some(name) = stage.from().arguments().nth(1) else { return };
    let written = name.value().unwrap_or_default();
    let finding = report.finding(name, format!("stage name `{written}` is reserved"));
    if !RESERVED.contains(&written) {
        finding.aliases(&["ReservedStageName"]);
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_base_may_be_scratch() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nFROM scratch AS contexts\nFROM context\n"), [""; 0]);
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(dockerfile(&RULE, "FROM a AS Scratch\nFROM a AS context\n"), ["Scratch", "context"]);
    }
}
