use hullmark_sdk::prelude::*;

rule! {
    /// `ENV` or `LABEL` has a blank between name and value instead of `=`.
    ///
    /// ## What it checks
    ///
    /// `ENV` and `LABEL` in the old form, which takes one name and, as its value, all that follows.
    ///
    /// ## Why it matters
    ///
    /// The old form reads `ENV A=1 B` and `ENV A 1 B=2` in surprising ways: the latter sets `A` alone. It is deprecated.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// ENV LANG C.UTF-8
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// ENV LANG=C.UTF-8
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `=` between name and value, with quotes around a value that has blanks.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#env>
    /// - <https://docs.docker.com/reference/build-checks/legacy-key-value-format/>
    level: Note,
    tags: &["style"],
    aliases: &["LegacyKeyValueFormat"],
    checks: &[Instruction("ENV", instruction), Instruction("LABEL", instruction)],
    references: &["https://docs.docker.com/reference/dockerfile/#env", "https://docs.docker.com/reference/build-checks/legacy-key-value-format/"],
}

fn instruction(instruction: &Instruction, report: &mut Report) {
    // The old form has room for one pair.
    let Some(pair) = instruction.pairs().next() else { return };
    let (Some(name), value) = (pair.key_span(), pair.span()) else { return };
    if value.start <= name.end {
        return;
    }
    let document = pair.document();
    let between = document.text_at(Span::new(name.end, value.start));
    if between.contains('=') {
        return;
    }
    let message = format!("`{}` has no `=` after `{}`", instruction.name(), pair.key().unwrap_or_default());
    let finding = report.finding(pair.key_place(), message);
    let written = document.text_at(value);
    // Quotes and escapes end where they please; with a line end between there may be comments.
    if between.trim_matches([' ', '\t']).is_empty() && !written.contains(['"', '\'', '\\', '`', '\n']) {
        let quote = if written.contains([' ', '\t']) { "\"" } else { "" };
        let place = document.place(Span::new(name.end, value.end));
        finding.fix(Fix::safe("write `=`").replace(place, format!("={quote}{written}{quote}")));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_equals_sign_is_enough() {
        let text = "FROM a\nENV A=b C=\"d e\" F=\nLABEL \"g h\"=i\nENV J=k \\\n  L=m\nARG N\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_name_is_flagged() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENV A b=c\nlabel  D  \"e\"\n"), ["A", "D"]);
    }

    #[test]
    fn the_fix_quotes_blanks() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM a\nENV A  b\nENV C d $E\n");
        assert_eq!(fixed, "FROM a\nENV A=b\nENV C=\"d $E\"\n");
    }

    #[test]
    fn quotes_are_left_to_people() {
        let text = "FROM a\nENV A \"b\" c\n";
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), text);
    }
}
