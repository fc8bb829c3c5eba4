use std::collections::BTreeSet;

use hullmark_sdk::prelude::*;

use hullmark_sdk::nearest;

rule! {
    /// An instruction uses a variable that is not declared.
    ///
    /// ## What it checks
    ///
    /// Variables that BuildKit replaces: in `ADD`, `COPY`, `ENV`, `EXPOSE`, `LABEL`, `STOPSIGNAL`, `USER`, `VOLUME`, `WORKDIR`,
    /// `RUN --mount`, defaults of `ARG` and heredocs of `COPY`. Known are the `ENV`s and `ARG`s above in the stage and in the
    /// stages that it is built from. Text that a shell expands (`RUN echo $HOME`) is not looked at, nor is a variable with a
    /// default in place (`${DIR:-/app}`).
    ///
    /// A base image may bring variables of its own, which the file does not show. So the rule speaks where the stage comes
    /// from `scratch` or from an image known to bring none (`alpine`, `amazonlinux`, `busybox`, `debian`, `ubuntu`), where the
    /// name is a slip of the pen away from a declared one, and where an `ARG` of that name stands before the first `FROM` or
    /// further below.
    ///
    /// ## Why it matters
    ///
    /// BuildKit puts nothing in the place of the variable: `COPY $DIR /` copies something else, and nobody is told.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.20.0
    /// ARG ASSETS=assets
    /// COPY $ASSET /app/
    /// ```
    ///
    /// ```dockerfile
    /// ARG VERSION=1.4.0
    /// FROM node:22.20.0
    /// LABEL org.opencontainers.image.version=$VERSION
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// ARG VERSION=1.4.0
    /// FROM node:22.20.0
    /// ARG VERSION
    /// LABEL org.opencontainers.image.version=$VERSION
    /// ENV NODE_PATH=$NODE_PATH:/app/modules
    /// ```
    ///
    /// ## How to fix
    ///
    /// Declare the variable with `ARG` or `ENV` above, in the same stage, or correct its name.
    ///
    /// ## Options
    ///
    /// - `assume-empty-base` (default: `false`): take it that no base image brings variables, so that every name must be
    ///   declared. Variables named after the image (`PYTHON_VERSION` on `python`) are still taken to come from it.
    ///
    /// ## Other tools
    ///
    /// BuildKit knows the variables of the base image, because it pulls it, and passes over `EXPOSE`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/undefined-var/>
    tags: &["correctness"],
    precision: High,
    aliases: &["UndefinedVar"],
    references: &["https://docs.docker.com/reference/build-checks/undefined-var/"],
    options: &[OptionSpec::flag(
        "assume-empty-base",
        false,
        "whether to take it that base images bring no variables, so that every name must be declared",
    )],
    checks: &[Dockerfile(file)],
}

/// Official images whose configuration sets `PATH` and nothing else.
const EMPTY: [&str; 5] =
    ["library/alpine", "library/amazonlinux", "library/busybox", "library/debian", "library/ubuntu"];

fn file(file: &Dockerfile, report: &mut Report) {
    let global = names(file.instructions().take_while(|instruction| instruction.name() != "FROM"));
    let mut declared: Vec<BTreeSet<&str>> = Vec::new();
    for stage in file.stages() {
        // BuildKit gives every stage a PATH.
        let parent = stage.parent().and_then(|parent| declared.get(parent.index() as usize).cloned());
        let mut above = parent.unwrap_or_else(|| BTreeSet::from(["PATH"]));
        for instruction in stage.instructions() {
            if instruction.name() != "FROM" {
                let scope = Scope { stage, above: &above, global: &global };
                scope.instruction(&instruction, report);
            }
            if matches!(instruction.name(), "ARG" | "ENV") {
                above.extend(instruction.pairs().filter_map(Node::key));
            }
        }
        declared.push(above);
    }
}

fn names<'a>(instructions: impl Iterator<Item = Instruction<'a>>) -> BTreeSet<&'a str> {
    instructions
        .filter(|instruction| instruction.name() == "ARG")
        .flat_map(Instruction::pairs)
        .filter_map(Node::key)
        .collect()
}

/// What is declared where an instruction stands.
struct Scope<'s, 'a> {
    stage: Stage<'a>,
    above: &'s BTreeSet<&'a str>,
    global: &'s BTreeSet<&'a str>,
}

impl Scope<'_, '_> {
    fn instruction(&self, instruction: &Instruction, report: &mut Report) {
        // Names that the same ENV sets are what `env-self-reference` is about, or extend what the image brings.
        let own = |name: &str| instruction.pairs().any(|pair| pair.key() == Some(name));
        let mut seen: Vec<&str> = Vec::new();
        for reference in instruction.references() {
            let undeclared = matches!(reference.standing, Standing::Undeclared | Standing::Undefined);
            if !undeclared || reference.has_default || seen.contains(&reference.name) {
                continue;
            }
            seen.push(reference.name);
            let own = own(reference.name);
            if own && others_set(instruction, reference) {
                continue;
            }
            self.reference(instruction, reference, own, report);
        }
    }

    fn reference(&self, instruction: &Instruction, reference: Reference, own: bool, report: &mut Report) {
        let name = reference.name;
        let is_certain = reference.standing == Standing::Undefined || self.is_empty_base(name, report);
        let below = || names(self.stage.instructions().skip_while(|other| other.node() != instruction.node()).skip(1));
        let is_global = self.global.contains(name);
        let meant = nearest(name, self.above.iter().copied().filter(|known| *known != name));
        let message = match meant {
            _ if is_global => format!("variable `{name}` is declared before the first `FROM` only"),
            _ if below().contains(name) => format!("variable `{name}` is declared further below only"),
            Some(meant) => format!("variable `{name}` is not declared; `{meant}` is"),
            None => format!("variable `{name}` is not declared"),
        };
        let is_hinted = is_global || meant.is_some() || below().contains(name);
        if !is_certain && (own || !is_hinted) {
            return;
        }
        let finding = report.finding(reference.place, message);
        if instruction.name() == "EXPOSE" {
            finding.aliases(&[]);
        }
    }

    /// Whether the image brings no variable of that name, as far as one knows.
    fn is_empty_base(&self, name: &str, report: &Report) -> bool {
        let Some(root) = self.stage.lineage().last() else { return false };
        let image = root.image();
        if image.as_ref().is_some_and(|image| image.registry() == "docker.io" && EMPTY.contains(&image.repository())) {
            return true;
        }
        let title = image.map(|image| image.repository().rsplit('/').next().unwrap_or_default().to_uppercase());
        let is_its_own = title.is_some_and(|title| !title.is_empty() && name.to_uppercase().starts_with(&title));
        report.options().flag("assume-empty-base") && !is_its_own
    }
}

/// Whether another pair of the instruction sets the variable that this one uses.
fn others_set(instruction: &Instruction, reference: Reference) -> bool {
    instruction.name() == "ENV"
        && instruction.pairs().any(|pair| pair != reference.node && pair.key() == Some(reference.name))
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn an_image_may_bring_what_is_not_declared() {
        assert_eq!(dockerfile(&RULE, "FROM python\nARG VERSION=$PYTHON_VERSION\nUSER $NB_USER\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM node\nENV NODE_PATH=$NODE_PATH:/x\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "ARG BASE\nFROM $BASE\nCOPY $X /\n"), [""; 0]);
    }

    #[test]
    fn defaults_and_what_every_stage_has_are_fine() {
        assert_eq!(
            dockerfile(&RULE, "FROM scratch\nENV PATH=$PATH:/x P=$http_proxy\nCOPY ${A:-a} ${B:+b} /\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_shell_has_variables_of_its_own() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nRUN echo $X\nCMD $Y\nHEALTHCHECK CMD $Z\n"), [""; 0]);
    }

    #[test]
    fn parents_declare_for_their_children() {
        assert_eq!(dockerfile(&RULE, "FROM scratch AS a\nENV A=1\nARG B\nFROM a\nCOPY $A $B $C /\n"), ["$C"]);
    }

    #[test]
    fn images_without_variables_hide_nothing() {
        assert_eq!(dockerfile(&RULE, "FROM alpine:3.22\nCOPY $foo .\nARG foo=bar\n"), ["$foo"]);
        assert_eq!(dockerfile(&RULE, "FROM team/alpine:3.22\nCOPY $foo .\n"), [""; 0]);
    }

    #[test]
    fn hints_are_told_whatever_the_image() {
        assert_eq!(dockerfile(&RULE, "FROM team/a\nARG DIR_ASSETS=a\nCOPY $DIR_ASSET .\n"), ["$DIR_ASSET"]);
        assert_eq!(dockerfile(&RULE, "FROM team/a\nENV PATH=$PAHT:/x\n"), ["$PAHT"]);
        assert_eq!(dockerfile(&RULE, "ARG VERSION=1\nFROM team/a\nLABEL v=$VERSION\n"), ["$VERSION"]);
        assert_eq!(dockerfile(&RULE, "FROM team/a\nCOPY $foo .\nARG foo=bar\n"), ["$foo"]);
    }

    #[test]
    fn a_base_may_be_taken_to_be_empty() {
        let trial = Trial::with(&RULE, r#"{"assume-empty-base": true}"#);
        assert_eq!(trial.dockerfile("FROM python\nARG V=$PYTHON_VERSION\nCOPY $X $X /\n"), ["$X"]);
    }

    #[test]
    fn pairs_of_one_env_are_another_rule_s() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nENV A=1 B=$A\n"), [""; 0]);
    }
}
