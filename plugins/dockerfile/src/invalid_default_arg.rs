use hullmark_sdk::prelude::*;

rule! {
    /// With the defaults of its `ARG`s, `FROM` names no valid image.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM` with variables, evaluated with the defaults of the `ARG`s before the first `FROM` and with nothing in
    /// the place of those that have none. Images with a variable that nothing declares belong to `undefined-arg-in-from`;
    /// those with one that BuildKit sets are passed over.
    ///
    /// ## Why it matters
    ///
    /// A build without `--build-arg` fails, and so does every tool that reads the file on its own to update or scan its
    /// images.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// ARG TAG
    /// FROM busybox:${TAG}
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// ARG TAG=1.37
    /// FROM busybox:${TAG}
    /// ```
    ///
    /// ```dockerfile
    /// ARG VARIANT
    /// FROM busybox:stable${VARIANT}
    /// ```
    ///
    /// ```dockerfile
    /// ARG TAG
    /// FROM alpine:${TAG:-3.22}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Give the `ARG` a default that makes a valid image.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/>
    tags: &["correctness"],
    aliases: &["InvalidDefaultArgInFrom"],
    references: &["https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/"],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(image) = stage.from().arguments().next() else { return };
    let references: Vec<Reference> = stage.from().references().filter(|reference| reference.node == image).collect();
    let declared =
        |reference: &Reference| matches!(reference.standing, Standing::Known | Standing::Open) || reference.has_default;
    if references.is_empty() || !references.iter().all(declared) || stage.parent().is_some() {
        return;
    }
    let Some(value) = image.resolved_empty() else { return };
    if value == "scratch" || parse_image(value).is_some() {
        return;
    }
    let written = image.value().unwrap_or_default();
    let message = match value {
        "" => format!("image `{written}` is empty by default"),
        _ => format!("image `{written}` is by default `{value}`, which is no valid image"),
    };
    let finding = report.finding(image, message);
    let file = image.document().dockerfile();
    let global = file.into_iter().flat_map(Dockerfile::instructions).take_while(|each| each.name() != "FROM");
    for pair in global.flat_map(Instruction::pairs) {
        let Some(name) = pair.key().filter(|name| references.iter().any(|reference| reference.name == *name)) else {
            continue;
        };
        let what = if pair.value().is_some() { "the default of" } else { "no default for" };
        finding.related(pair, format!("{what} `{name}`"));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn defaults_that_make_an_image_are_fine() {
        for text in [
            "ARG V=latest\nFROM busybox:${V}\n",
            "ARG V=\"\"\nFROM busybox:stable${V}\n",
            "ARG V\nFROM busybox:stable${V}\n",
            "ARG V\nFROM alpine:${V:-3.14}\n",
            "FROM a AS build\nFROM build_${TARGETARCH} AS x\n",
            "ARG S=Build\nFROM a AS build\nFROM $S\n",
            "ARG S=scratch\nFROM $S\n",
        ] {
            assert_eq!(dockerfile(&RULE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_nothing_declares_is_another_rule_s() {
        assert_eq!(dockerfile(&RULE, "FROM busybox:$V\n"), [""; 0]);
    }

    #[test]
    fn empty_and_broken_images_are_flagged() {
        assert_eq!(dockerfile(&RULE, "ARG I\nFROM $I\n"), ["$I"]);
        assert_eq!(dockerfile(&RULE, "ARG V\nFROM busybox:$V\n"), ["busybox:$V"]);
        assert_eq!(dockerfile(&RULE, "ARG S=\"box:\"\nFROM busy${S}\n"), ["busy${S}"]);
    }
}
