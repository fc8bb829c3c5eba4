use hullmark_sdk::prelude::*;

use crate::stage_sources::sources;

rule! {
    /// The name of the stage has capital letters, which BuildKit turns into small ones.
    ///
    /// ## What it checks
    ///
    /// The name after `AS` of every `FROM`.
    ///
    /// ## Why it matters
    ///
    /// BuildKit keeps names of stages in lower case: messages of a build show another name than the file does, and two
    /// names that differ in case only are the same stage.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS Build
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the name in lower case, after `AS` and wherever it is used.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/stage-name-casing/>
    tags: &["style"],
    aliases: &["StageNameCasing"],
    references: &["https://docs.docker.com/reference/build-checks/stage-name-casing/"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(name) = stage.from().arguments().nth(1) else { return };
    let Some(written) = name.value() else { return };
    let lower = written.to_lowercase();
    if written == lower {
        return;
    }
    let finding = report.finding(name, format!("stage `{written}` is not named in lower case"));
    // Where the name is used, the uses want to change with it.
    if !is_used(name.document().dockerfile(), written) {
        finding.fix(Fix::safe(format!("name the stage `{lower}`")).replace(name, lower));
    }
}

fn is_used(file: Option<Dockerfile>, name: &str) -> bool {
    let is_name = |other: &str| other.eq_ignore_ascii_case(name);
    file.into_iter().flat_map(Dockerfile::instructions).any(|instruction| {
        let base =
            instruction.arguments().next().filter(|_| instruction.name() == "FROM").and_then(Node::resolved_empty);
        let trigger = instruction.trigger().into_iter().flat_map(|trigger| sources(&trigger));
        base.is_some_and(is_name) || sources(&instruction).into_iter().chain(trigger).any(|source| is_name(source.name))
    })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn small_letters_digits_and_signs_are_lower_case() {
        assert_eq!(dockerfile(&RULE, "FROM golang AS build-1.2_a\nFROM Build\nFROM alpine\n"), [""; 0]);
    }

    #[test]
    fn one_capital_is_enough() {
        assert_eq!(dockerfile(&RULE, "FROM golang as buildBase\n"), ["buildBase"]);
    }

    #[test]
    fn the_fix_leaves_names_that_are_used() {
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", "FROM a AS Base\nFROM b\n"), "FROM a AS base\nFROM b\n");
        for text in [
            "FROM a AS Base\nFROM base\n",
            "FROM a AS Base\nFROM b\nCOPY --from=Base /x /y\n",
            "FROM a AS Base\nFROM b\nRUN --mount=from=base,target=/x ls\n",
        ] {
            assert_eq!(Trial::of(&RULE).fixed("Dockerfile", text), text);
        }
    }
}
