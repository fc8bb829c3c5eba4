use hullmark_sdk::prelude::*;

rule! {
    /// `ENV` uses a variable that the same instruction sets, and gets the value from before it.
    ///
    /// ## What it checks
    ///
    /// Values of an `ENV` with several pairs. A variable that is declared above in the file, and one that only its own pair
    /// uses (`PATH=$PATH:/app`), are accepted.
    ///
    /// ## Why it matters
    ///
    /// All pairs of one instruction see the variables as they stand before it. `ENV HOME=/app CACHE=$HOME/cache` makes
    /// `CACHE` `/cache`, or keeps an old `HOME` of the base image.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM python:3.14.0
    /// ENV APP_HOME=/app APP_CACHE=$APP_HOME/cache
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM python:3.14.0
    /// ENV APP_HOME=/app
    /// ENV APP_CACHE=$APP_HOME/cache PATH=$PATH:/app/bin
    /// ```
    ///
    /// ## How to fix
    ///
    /// Set the variable in an `ENV` of its own, above the one that uses it.
    ///
    /// ## Other tools
    ///
    /// hadolint takes a variable of another stage for declared, does not read `${NAME%/}` and its kin, and takes `$` for that of
    /// a variable where quotes or a backslash say that it is none.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#environment-replacement>
    level: Error,
    tags: &["correctness"],
    precision: High,
    aliases: &["DL3044", "UndefinedVar"],
    references: &["https://docs.docker.com/reference/dockerfile/#environment-replacement"],
    checks: &[Instruction("ENV", env)],
}

fn env(env: &Instruction, report: &mut Report) {
    for reference in env.references() {
        let name = reference.name;
        let Some(setter) = env.pairs().find(|pair| pair.key() == Some(name) && *pair != reference.node) else {
            continue;
        };
        let is_declared = match reference.standing {
            Standing::Known | Standing::Open => true,
            // As PATH is, which every image has.
            Standing::Unknown => {
                env.stage().is_some_and(|stage| stage.lineage().any(|stage| declares(stage, env, name)))
            }
            Standing::Undeclared | Standing::Undefined => false,
        };
        if is_declared || reference.has_default {
            continue;
        }
        let message = format!("variable `{name}` is set by the same `ENV`, which does not see it yet");
        let finding = report.finding(reference.place, message);
        finding.related(setter.key_place(), "set here");
        let written = reference.node.document().text_at(reference.place.span);
        let is_plain = written == format!("${name}") || written == format!("${{{name}}}");
        let file = reference.node.document().dockerfile();
        let is_elsewhere = file.into_iter().any(|file| sets(file.instructions(), env, name));
        finding.aliases_if(&[
            ("DL3044", is_plain && !is_elsewhere),
            ("UndefinedVar", reference.standing == Standing::Undefined),
        ]);
    }
}

fn declares(stage: Stage, env: &Instruction, name: &str) -> bool {
    sets(stage.instructions(), env, name)
}

/// Whether one of these instructions that stands above sets or declares the variable.
fn sets<'a>(instructions: impl Iterator<Item = Instruction<'a>>, env: &Instruction, name: &str) -> bool {
    instructions
        .take_while(|other| other.node() != env.node())
        .filter(|other| matches!(other.name(), "ARG" | "ENV"))
        .flat_map(Instruction::pairs)
        .any(|pair| pair.key() == Some(name))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_stands_above_is_seen() {
        for text in [
            "FROM a\nENV A=1\nENV A=2 B=$A\n",
            "FROM a\nARG A\nENV A=2 B=$A\n",
            "FROM a\nENV PATH=/x\nENV PATH=$PATH:/y B=$PATH\n",
            "FROM a\nENV A=$A:x B=2\n",
            "FROM a\nENV A=1 B=${A:-x}\n",
            "FROM a\nENV A=1 B='$A' C=\\$A\n",
            "FROM a AS b\nENV A=1\nFROM b\nENV A=2 B=$A\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn every_form_in_every_order_is_seen() {
        let text = "FROM a\nENV A=1 B=\"${A}\" \\\n  C=x${A%/}y\nENV X=$Y Y=1\n";
        assert_eq!(dockerfile(&RULE, text), ["${A}", "${A%/}", "$Y"]);
    }

    #[test]
    fn what_only_the_image_sets_is_not_declared() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENV PATH=$PATH:/x B=$PATH\n"), ["$PATH"]);
    }

    #[test]
    fn another_stage_does_not_count() {
        assert_eq!(dockerfile(&RULE, "FROM a\nENV A=1\nFROM b\nENV A=2 B=$A\n"), ["$A"]);
    }
}
