use hullmark_sdk::prelude::*;

rule! {
    /// The comment above a stage or an `ARG` does not begin with its name.
    ///
    /// ## What it checks
    ///
    /// The comment line directly above a `FROM` with a name, or above an `ARG`. Comments for tools (`# hadolint ignore=…`) and
    /// comments with an empty line below them are passed over.
    ///
    /// The rule is off by default: it is for projects that show descriptions with `docker build --call outline`.
    ///
    /// ## Why it matters
    ///
    /// BuildKit shows the comment as the description of the stage or the argument, if it begins with the name.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// # the version to build
    /// ARG VERSION=1.4.0
    /// FROM scratch
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// # VERSION is the version to build.
    /// ARG VERSION=1.4.0
    ///
    /// # Two stages follow.
    ///
    /// # base has the files.
    /// FROM scratch AS base
    /// ```
    ///
    /// ## How to fix
    ///
    /// Begin the comment with the name, or leave an empty line below it.
    ///
    /// ## Other tools
    ///
    /// BuildKit's documentation says that an empty line parts comment and instruction; some versions do not hold to it.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/invalid-definition-description/>
    level: Note,
    enabled: false,
    tags: &["style"],
    aliases: &["InvalidDefinitionDescription"],
    references: &["https://docs.docker.com/reference/build-checks/invalid-definition-description/"],
    checks: &[Dockerfile(file)],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let comments: Vec<Node> =
        file.document().root().descendants().filter(|node| node.kind() == Kind::Comment).collect();
    for instruction in file.instructions() {
        let names: Vec<(&str, Place)> = match instruction.name() {
            "FROM" => instruction.arguments().skip(1).filter_map(|name| Some((name.value()?, name.place()))).collect(),
            "ARG" => instruction.pairs().filter_map(|pair| Some((pair.key()?, pair.key_place()))).collect(),
            _ => continue,
        };
        let below = comments.partition_point(|comment| comment.span().end <= instruction.place().span.start);
        let Some(comment) = below.checked_sub(1).and_then(|index| comments.get(index)) else { continue };
        if is_directly_above(comment, &instruction) {
            judge(*comment, &names, report);
        }
    }
}

fn is_directly_above(comment: &Node, instruction: &Instruction) -> bool {
    let between = Span::new(comment.span().end, instruction.place().span.start);
    let between = comment.document().text_at(between);
    between.trim().is_empty() && between.matches('\n').count() == 1
}

fn judge(comment: Node, names: &[(&str, Place)], report: &mut Report) {
    let first = comment.value().and_then(|text| text.split_whitespace().next()).unwrap_or_default();
    let is_for_tools = first.contains('=') || matches!(first, "hadolint" | "hullmark") || first.ends_with(':');
    // A stage's name is kept in lower case, whatever stands after AS.
    let is_name = |(name, _): &(&str, Place)| *name == first || name.to_lowercase() == first;
    let Some((name, place)) = names.first() else { return };
    if first.is_empty() || is_for_tools || names.iter().any(is_name) {
        return;
    }
    let what = if names.len() == 1 { format!("`{name}`") } else { "one of the names".to_owned() };
    let finding = report.finding(*place, format!("the comment above does not begin with {what}"));
    finding.related(comment, "the comment");
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn descriptions_and_other_comments_are_fine() {
        let text = "# check=skip=all\n# a an image\nFROM x AS a\n# one\n\n# two\n#\nARG b\n# c and more\nARG b c=1\n# x\nRUN y\n\
            # hadolint ignore=DL3006\nFROM z AS n\n# no name\nFROM z\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_last_line_must_begin_with_the_name() {
        let text = "# bar is\nARG foo=bar\n# BasE is\nFROM scratch AS base\n# version: no\n# definitely bad\nARG version=1\n# bad\nARG a=1 b=2\n";
        assert_eq!(dockerfile(&RULE, text), ["foo", "base", "version", "a"]);
    }
}
