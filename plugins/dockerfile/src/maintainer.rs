use hullmark_sdk::prelude::*;

rule! {
    /// `MAINTAINER` is deprecated: a label says the same.
    ///
    /// ## What it checks
    ///
    /// Every `MAINTAINER` instruction.
    ///
    /// ## Why it matters
    ///
    /// `MAINTAINER` sets a single field that few tools show. A label can be read, filtered and inherited as every other one.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// MAINTAINER Jane <jane@example.com>
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.authors="Jane <jane@example.com>"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the label `org.opencontainers.image.authors` instead.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#maintainer-deprecated>
    /// - <https://docs.docker.com/reference/build-checks/maintainer-deprecated/>
    level: Note,
    tags: &["style"],
    aliases: &["DL4000", "MaintainerDeprecated", "DS-0022", "CKV_DOCKER_6"],
    checks: &[Instruction("MAINTAINER", maintainer)],
    references: &["https://docs.docker.com/reference/dockerfile/#maintainer-deprecated", "https://docs.docker.com/reference/build-checks/maintainer-deprecated/"],
}

fn maintainer(instruction: &Instruction, report: &mut Report) {
    let finding = report.finding(instruction.place(), "`MAINTAINER` is deprecated");
    let document = instruction.node().document();
    let place = document.place(instruction.node().span());
    if let Some(value) = label_value(instruction.text()).filter(|_| !document.text_at(place.span).contains('\n')) {
        let label = format!("LABEL org.opencontainers.image.authors={value}");
        finding.fix(Fix::safe("write a label").replace(place, label));
    }
}

/// The name in quotes; nothing where a label would read its signs in another way.
fn label_value(name: &str) -> Option<String> {
    let inner = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
    (!inner.contains(['"', '\\', '`', '$'])).then(|| format!("\"{inner}\""))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_label_says_it_better() {
        assert_eq!(dockerfile(&RULE, "FROM a\nLABEL maintainer=Jane\n"), [""; 0]);
    }

    #[test]
    fn the_keyword_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a\nmaintainer Jane\n"), ["maintainer"]);
    }

    #[test]
    fn a_label_takes_its_place() {
        let fixed = |text| Trial::of(&RULE).fixed("Dockerfile", text);
        let label = "FROM a\nLABEL org.opencontainers.image.authors=\"Jane <j@example.com>\"\n";
        assert_eq!(fixed("FROM a\nMAINTAINER Jane <j@example.com>\n"), label);
        assert_eq!(fixed("FROM a\nMAINTAINER \"Jane <j@example.com>\"\n"), label);
    }

    #[test]
    fn what_a_label_would_read_otherwise_is_left_to_people() {
        let text = "FROM a\nMAINTAINER J$ne\n";
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), text);
    }
}
