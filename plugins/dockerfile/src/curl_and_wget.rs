use hullmark_sdk::prelude::*;

use crate::plain::is_plain;

rule! {
    /// A stage uses both curl and wget.
    ///
    /// ## What it checks
    ///
    /// Commands of `RUN` in one stage. The tool that is used second is flagged wherever it is used. One that runs only where the
    /// other one is missing or fails, in a branch or behind `||`, is passed over.
    ///
    /// ## Why it matters
    ///
    /// Both do the same. The second one, with what it needs, makes the image larger and gives an intruder one more tool.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN curl -fsSLO https://downloads.example/tool.tar.gz
    /// RUN wget -q https://downloads.example/other.tar.gz
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// RUN curl -fsSLO https://downloads.example/tool.tar.gz
    /// RUN curl -fsSLO https://downloads.example/other.tar.gz
    /// ```
    ///
    /// ## How to fix
    ///
    /// Use one of them throughout.
    ///
    /// ## Other tools
    ///
    /// hadolint flags every later `RUN` that uses either of them.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages>
    level: Note,
    tags: &["size"],
    aliases: &["DL4001", "DS-0014"],
    references: &["https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let mut first: Option<(&str, Command)> = None;
    for command in
        stage.instructions().filter(|instruction| instruction.name() == "RUN").flat_map(Instruction::commands)
    {
        let tool = command.unwrapped();
        let Some(name) = tool.name().filter(|name| matches!(*name, "curl" | "wget")) else { continue };
        if command.is_in_branch() || command.join() == Join::Or {
            continue;
        }
        let (used, at) = *first.get_or_insert((name, command));
        if used == name {
            continue;
        }
        let finding = report.finding(tool.place(), format!("`{name}` is used beside `{used}`, which does the same"));
        finding.related(at.unwrapped().place(), format!("`{used}` is used here"));
        if !is_plain(&command) || !is_plain(&at) {
            finding.aliases(&[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn one_tool_in_a_stage_is_accepted() {
        for text in [
            "FROM a\nRUN curl b && curl c\n",
            "FROM a\nRUN curl b\nFROM c\nRUN wget d\n",
            "FROM a\nRUN apt-get install curl wget\n",
            "FROM a\nRUN curl b\nHEALTHCHECK CMD wget c\nCMD [\"wget\"]\nONBUILD RUN wget d\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_stands_in_for_the_other_is_accepted() {
        let text = "FROM a\nRUN curl b || wget b\nRUN if command -v curl; then curl c; else wget c; fi\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn the_second_tool_is_flagged_wherever_it_is_used() {
        let text = "FROM a\nRUN wget b && \\\n  curl c\nRUN wget d\nRUN sudo /usr/bin/curl e\n";
        assert_eq!(dockerfile(&RULE, text), ["curl", "/usr/bin/curl"]);
    }
}
