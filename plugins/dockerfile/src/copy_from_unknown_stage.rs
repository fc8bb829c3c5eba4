use hullmark_sdk::prelude::*;

use crate::stage_sources::{Source, sources};
use hullmark_sdk::nearest;

rule! {
    /// `COPY --from` names a stage that does not exist.
    ///
    /// ## What it checks
    ///
    /// `COPY --from` and `RUN --mount=from`: numbers of stages that do not stand above, and names that are a slip of the pen
    /// away from the name of a stage. Any other name may be an image or a named build context.
    ///
    /// ## Why it matters
    ///
    /// BuildKit takes an unknown name for an image and tries to pull it: the build fails, or takes files from whoever owns
    /// that name on Docker Hub.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS builder
    /// FROM alpine:3.22
    /// COPY --from=bulider /go/bin/app /app
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS builder
    /// FROM alpine:3.22
    /// COPY --from=builder /go/bin/app /app
    /// COPY --from=busybox:1.37 /bin/busybox /bin/
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the name of the stage as it stands after `AS`.
    ///
    /// ## Options
    ///
    /// - `only-stages` (default: `false`): flag everything without a `:` that is not, letter for letter, the name of a stage
    ///   above: images are then to be named with a tag or digest, build contexts and variables not to be used.
    ///
    /// ## Other tools
    ///
    /// hadolint does what the option `only-stages` says, for `COPY` only. It takes what begins with the number of a stage for
    /// that number.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#copy---from>
    level: Error,
    tags: &["correctness"],
    precision: High,
    aliases: &["DL3022"],
    references: &["https://docs.docker.com/reference/dockerfile/#copy---from"],
    options: &[OptionSpec::flag(
        "only-stages",
        false,
        "whether to flag everything without a `:` that is not, letter for letter, the name of a stage above",
    )],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(file) = stage.from().node().document().dockerfile() else { return };
    for instruction in stage.instructions() {
        for source in sources(&instruction) {
            judge(stage, file, &source, report);
        }
    }
}

fn judge(stage: &Stage, file: Dockerfile, source: &Source, report: &mut Report) {
    let name = source.name;
    let count = if stage.is_implied() { 0 } else { stage.index() as usize + 1 };
    if let Some(number) = source.number() {
        if number >= count {
            report.finding(source.place, format!("there is no stage number `{name}` above"));
        }
        return;
    }
    // BuildKit accepts a stage that stands below, too, and in any case.
    let only_stages = report.options().flag("only-stages");
    let known = source.stage(file);
    let is_above = |other: Stage| other.index() <= stage.index() && source.is_name_of(other);
    if name.contains(':') || if only_stages { file.stages().any(is_above) } else { known.is_some() } {
        return;
    }
    let names: Vec<&str> = file.stages().filter_map(Stage::name).collect();
    let lower = name.to_lowercase();
    let may_be_slip = known.is_none() && !name.contains(['$', '@', '/', '.']) && lower != "scratch";
    let meant = nearest(&lower, names).filter(|_| may_be_slip);
    let message = match (meant, known) {
        (Some(meant), _) => format!("there is no stage `{name}`; there is `{meant}`"),
        (None, _) if !only_stages => return,
        (None, Some(other)) if other.index() > stage.index() => format!("stage `{name}` stands below"),
        (None, Some(_)) => format!("stage `{name}` is not written in this case"),
        (None, None) => format!("there is no stage `{name}`"),
    };
    let finding = report.finding(source.place, message);
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = name[..digits].parse::<usize>().is_ok_and(|number| number < count);
    if !source.is_copy || is_number {
        finding.aliases(&[]);
    }
    if let Some(meant) = meant {
        finding.fix(Fix::needs_review(format!("take the files from `{meant}`")).replace(source.place, meant));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn stages_images_and_contexts_are_fine() {
        let text = "FROM a AS builder\nFROM b\nCOPY --from=Builder /x /\nCOPY --from=0 /x /\nCOPY --from=nginx /x /\n\
            COPY --from=builder2 /x /\nCOPY --from=bulider:1 /x /\nCOPY --from=$X /x /\nCOPY --from=later /x /\nFROM c AS later\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn numbers_must_stand_above() {
        assert_eq!(dockerfile(&RULE, "FROM a\nFROM b\nCOPY --from=2 /x /\nRUN --mount=from=9,target=/x ls\n"), ["2"]);
    }

    #[test]
    fn slips_are_seen_and_mended() {
        let text = "FROM a AS builder\nFROM b\nCOPY --from=bulider /x /\nRUN --mount=from=biulder,target=/x ls\n";
        assert_eq!(dockerfile(&RULE, text), ["bulider", "biulder"]);
        assert_eq!(dockerfile(&RULE, &Trial::of(&RULE).fixed("Dockerfile", text)), [""; 0]);
    }

    #[test]
    fn only_stages_may_be_wanted() {
        let trial = Trial::with(&RULE, r#"{"only-stages": true}"#);
        let text = "FROM a AS one\nCOPY --from=nginx /x /\nCOPY --from=nginx:1 /x /\nCOPY --from=one /x /\nCOPY --from=two /x /\n\
            COPY --from=One /x /\nCOPY --from=$X /x /\nCOPY --from=a.example/b /x /\nFROM b AS two\n";
        assert_eq!(trial.dockerfile(text), ["nginx", "two", "One", "$X", "a.example/b"]);
    }
}
