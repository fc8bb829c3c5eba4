use hullmark_sdk::prelude::*;

rule! {
    /// Two stages have the same name.
    ///
    /// ## What it checks
    ///
    /// The names after `AS`. Case does not tell them apart: BuildKit keeps them in lower case.
    ///
    /// ## Why it matters
    ///
    /// `COPY --from` and `--target` mean the last stage of a name, a `FROM` the last one above it. The other stage cannot be
    /// reached, and whoever reads the file takes it for the one that is used.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:12.11 AS build
    /// FROM golang:1.25.3 AS Build
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:12.11 AS build-assets
    /// FROM golang:1.25.3 AS build-server
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give each stage a name of its own.
    ///
    /// ## Other tools
    ///
    /// hadolint takes `build` and `Build` for two names, and Trivy passes over two lines that are the same to the letter;
    /// BuildKit does neither.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/duplicate-stage-name/>
    level: Error,
    tags: &["correctness"],
    aliases: &["DuplicateStageName", "DL3024", "DS-0012", "CKV_DOCKER_11"],
    references: &["https://docs.docker.com/reference/build-checks/duplicate-stage-name/"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let named: Vec<(Stage, Node)> =
        file.stages().filter(|stage| stage.name().is_some()).filter_map(|stage| Some((stage, name(&stage)?))).collect();
    for (index, (stage, later)) in named.iter().enumerate() {
        let mut same = named[..index].iter().filter(|(other, _)| other.name() == stage.name());
        let Some((first, earlier)) = same.clone().next() else { continue };
        let written = later.value().unwrap_or_default();
        let finding = report.finding(*later, format!("stage name `{written}` is taken by an earlier stage"));
        finding.related(*earlier, "the earlier stage");
        finding.aliases(&aliases(first, stage, same.any(|(_, name)| name.value() == later.value())));
    }
}

fn name<'a>(stage: &Stage<'a>) -> Option<Node<'a>> {
    stage.from().arguments().nth(1)
}

fn aliases(first: &Stage, second: &Stage, same_case: bool) -> Vec<&'static str> {
    let is_lower = |stage: &Stage| {
        let keyword = stage.from().keywords().next();
        keyword.is_some_and(|node| node.document().text_at(node.span()) == "as")
    };
    let mut aliases = vec!["DuplicateStageName"];
    if same_case {
        aliases.push("DL3024");
    }
    if first.from().text() != second.from().text() {
        aliases.push("DS-0012");
    }
    if same_case && is_lower(first) && is_lower(second) {
        aliases.push("CKV_DOCKER_11");
    }
    aliases
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn other_names_and_no_names_are_no_duplicates() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b1\nFROM a AS b2\nFROM a\nFROM a\nFROM b1\n"), [""; 0]);
    }

    #[test]
    fn case_makes_no_other_name() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nFROM a AS B\nFROM c AS b\n"), ["B", "b"]);
    }
}
