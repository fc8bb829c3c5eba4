use hullmark_sdk::prelude::*;

use hullmark_sdk::nearest;

rule! {
    /// `FROM` uses a variable that no `ARG` before the first `FROM` declares.
    ///
    /// ## What it checks
    ///
    /// Variables in the image and in `--platform`. Those that BuildKit sets, such as `TARGETARCH`, need no declaration, and a
    /// variable with a default in place (`${BASE:-alpine}`) is passed over.
    ///
    /// ## Why it matters
    ///
    /// A variable that nothing declares is empty, even where the command line gives it a value. An `ARG` inside a stage does
    /// not count: `FROM` sees only those before the first `FROM`.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22${VARIANT} AS build
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// ARG VARIANT="-alpine3.22"
    /// FROM --platform=$BUILDPLATFORM node:22${VARIANT} AS build
    /// ```
    ///
    /// ## How to fix
    ///
    /// Declare the variable with `ARG` before the first `FROM`.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/undefined-arg-in-from/>
    level: Error,
    tags: &["correctness"],
    aliases: &["UndefinedArgInFrom"],
    references: &["https://docs.docker.com/reference/build-checks/undefined-arg-in-from/"],
    checks: &[Dockerfile(file)],
}

/// Platforms that BuildKit sets, for suggestions.
const GIVEN: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

fn file(file: &Dockerfile, report: &mut Report) {
    let mut declared: Vec<&str> = GIVEN.to_vec();
    let global = file.instructions().take_while(|instruction| instruction.name() != "FROM");
    declared.extend(global.flat_map(Instruction::pairs).filter_map(Node::key));
    for stage in file.stages() {
        let mut seen: Vec<&str> = Vec::new();
        for reference in stage.from().references() {
            if reference.standing == Standing::Undefined && !reference.has_default && !seen.contains(&reference.name) {
                seen.push(reference.name);
                undefined(reference, &declared, report);
            }
        }
    }
}

fn undefined(reference: Reference, declared: &[&str], report: &mut Report) {
    let name = reference.name;
    let message = format!("variable `{name}` is not declared before the first `FROM`");
    let Some(meant) = nearest(name, declared.iter().copied()) else {
        report.finding(reference.place, message);
        return;
    };
    let finding = report.finding(reference.place, format!("{message}; `{meant}` is"));
    let written = reference.node.document().text_at(reference.place.span);
    // Only where the place is the variable itself, and not a word that hides it.
    if written.starts_with('$') && written.matches(name).count() == 1 {
        finding.fix(Fix::needs_review(format!("use `{meant}`")).replace(reference.place, written.replace(name, meant)));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn what_is_declared_given_or_has_a_default_is_fine() {
        let text = "ARG A\nARG B=1\nFROM --platform=$BUILDPLATFORM a:$A-${B}-${TARGETARCH}\nFROM ${C:-alpine}\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn an_arg_in_a_stage_does_not_count() {
        assert_eq!(dockerfile(&RULE, "FROM a\nARG TAG=1\nFROM b:$TAG\n"), ["$TAG"]);
    }

    #[test]
    fn one_name_is_told_once_for_each_from() {
        assert_eq!(dockerfile(&RULE, "FROM --platform=$X a:$X-${Y}\nFROM a:$X\n"), ["$X", "${Y}", "$X"]);
    }

    #[test]
    fn a_slip_is_mended() {
        let text =
            "ARG MY_ARCH=amd64\nFROM --platform=linux/${MYARCH} busybox\nFROM --platform=$BULIDPLATFORM scratch\n";
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        let expected =
            "ARG MY_ARCH=amd64\nFROM --platform=linux/${MY_ARCH} busybox\nFROM --platform=$BUILDPLATFORM scratch\n";
        assert_eq!(fixed, expected);
        assert_eq!(dockerfile(&RULE, &fixed), [""; 0]);
    }
}
