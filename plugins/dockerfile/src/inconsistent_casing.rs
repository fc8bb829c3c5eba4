use hullmark_sdk::prelude::*;

rule! {
    /// Instructions are written in capitals and in small letters in one file.
    ///
    /// ## What it checks
    ///
    /// Keywords from the first `FROM` on. Those all in capitals and those all in small letters are counted; what more of them do is the custom of the file, capitals where both are equally many. Every other keyword is flagged, and so is one that mixes both.
    ///
    /// ## Why it matters
    ///
    /// One custom makes instructions easy to find. Docker does not care.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// run apk add curl
    /// CMD ["curl"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// from alpine:3.22
    /// run apk add curl
    /// cmd ["curl"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write all keywords in capitals.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#format>
    /// - <https://docs.docker.com/reference/build-checks/consistent-instruction-casing/>
    level: Note,
    tags: &["style"],
    aliases: &["ConsistentInstructionCasing"],
    checks: &[Dockerfile(file)],
    references: &["https://docs.docker.com/reference/dockerfile/#format", "https://docs.docker.com/reference/build-checks/consistent-instruction-casing/"],
}

fn file(file: &Dockerfile, report: &mut Report) {
    let keywords: Vec<(Instruction, String)> = file
        .stages()
        .flat_map(Stage::instructions)
        .map(|instruction| (instruction, file.document().text_at(instruction.place().span)))
        // A keyword that a continuation parts is nothing to compare.
        .filter(|(instruction, written)| written.eq_ignore_ascii_case(instruction.name()))
        .collect();
    let upper = keywords.iter().filter(|(instruction, written)| written == instruction.name()).count();
    let lower = keywords.iter().filter(|(_, written)| is_lower(written)).count();
    for (instruction, written) in &keywords {
        let wanted = if lower > upper { written.to_ascii_lowercase() } else { written.to_ascii_uppercase() };
        if *written == wanted {
            continue;
        }
        let message = format!("`{written}` is not written `{wanted}` as the other instructions are");
        let finding = report.finding(instruction.place(), message);
        finding.fix(Fix::safe(format!("write `{wanted}`")).replace(instruction.place(), wanted));
    }
}

fn is_lower(written: &str) -> bool {
    written.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn either_custom_is_accepted() {
        assert_eq!(dockerfile(&RULE, "FROM a\nRUN b\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "from a\nrun b\n"), [""; 0]);
    }

    #[test]
    fn what_stands_before_the_first_stage_is_not_looked_at() {
        assert_eq!(dockerfile(&RULE, "arg A\nFROM a\nRUN b\n"), [""; 0]);
    }

    #[test]
    fn the_majority_decides() {
        assert_eq!(dockerfile(&RULE, "from a\nrun b\nCMD c\n"), ["CMD"]);
        assert_eq!(dockerfile(&RULE, "FROM a\nRUN b\ncmd c\n"), ["cmd"]);
    }

    #[test]
    fn capitals_win_a_draw() {
        assert_eq!(dockerfile(&RULE, "from a\nRUN b\n"), ["from"]);
    }

    #[test]
    fn mixed_keywords_have_no_vote_and_are_always_flagged() {
        assert_eq!(dockerfile(&RULE, "from a\nRun b\nRun c\n"), ["Run", "Run"]);
        assert_eq!(Trial::of(&RULE).fixed("Dockerfile", "from a\nRun b\n"), "from a\nrun b\n");
    }
}
