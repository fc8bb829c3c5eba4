use hullmark_sdk::prelude::*;

rule! {
    /// `AS` is not written in the case of its `FROM`.
    ///
    /// ## What it checks
    ///
    /// `FROM` lines with a name: both words in capitals, or both in small letters. A `From` in mixed case is passed over.
    ///
    /// ## Why it matters
    ///
    /// Keywords in one case stand out from names. `FROM alpine as base` reads as if `as` were something else.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22 as base
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22 AS base
    /// ```
    ///
    /// ```dockerfile
    /// from alpine:3.22 as base
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write `AS` in the case of `FROM`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/from-as-casing/>
    level: Note,
    tags: &["style"],
    aliases: &["FromAsCasing"],
    references: &["https://docs.docker.com/reference/build-checks/from-as-casing/"],
    checks: &[Instruction("FROM", from)],
}

fn from(from: &Instruction, report: &mut Report) {
    let Some(keyword) = from.keywords().next() else { return };
    let document = from.node().document();
    let written = document.text_at(keyword.span());
    let expected = match document.text_at(from.place().span).as_str() {
        "FROM" => "AS",
        "from" => "as",
        _ => return,
    };
    if written == expected || !written.eq_ignore_ascii_case(expected) {
        return;
    }
    let message = format!("`{written}` is not in the case of `{}`", if expected == "AS" { "FROM" } else { "from" });
    report.finding(keyword, message).fix(Fix::safe(format!("write `{expected}`")).replace(keyword, expected));
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn equal_case_and_mixed_froms_are_fine() {
        assert_eq!(dockerfile(&RULE, "FROM a AS b\nfrom a as c\nFrom a aS d\nFROM as\nFROM a\n"), [""; 0]);
    }

    #[test]
    fn mixed_case_fits_nothing() {
        assert_eq!(dockerfile(&RULE, "FROM a as b\nfrom a AS c\nFROM a As d\n"), ["as", "AS", "As"]);
    }

    #[test]
    fn the_fix_removes_the_finding() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM a As b\nfrom a AS c\n");
        assert_eq!(fixed, "FROM a AS b\nfrom a as c\n");
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
