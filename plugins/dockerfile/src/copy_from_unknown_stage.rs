use hullmark_sdk::prelude::*;

use crate::nearest::nearest;
use crate::stage_sources::{Source, sources};

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
    /// - `only-stages` (default: `false`): flag every name without a tag or digest that is no stage above, because images
    ///   and build contexts are not used without one.
    ///
    /// ## Other tools
    ///
    /// hadolint does what the option `only-stages` says, with stages in the same case only.
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
        "whether to flag every name without a tag or digest that is no stage above",
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
    if let Some(number) = source.number() {
        if number > stage.index() as usize {
            report.finding(source.place, format!("there is no stage number `{name}` above"));
        }
        return;
    }
    // BuildKit accepts a stage that stands below, too.
    let only_stages = report.options().flag("only-stages");
    let known = source.stage(file);
    if name.contains(['$', ':', '@', '/', '.'])
        || known.is_some_and(|known| known.index() <= stage.index() || !only_stages)
    {
        return;
    }
    let names: Vec<&str> = file.stages().filter_map(Stage::name).collect();
    let lower = name.to_lowercase();
    let meant = nearest(&lower, names).filter(|_| lower != "scratch");
    let message = match meant {
        _ if known.is_some() => format!("stage `{name}` stands below"),
        Some(meant) => format!("there is no stage `{name}`; there is `{meant}`"),
        None if only_stages && lower != "scratch" => format!("there is no stage `{name}`"),
        None => return,
    };
    let finding = report.finding(source.place, message);
    if !source.is_copy {
        finding.aliases(&[]);
    }
    if let Some(meant) = meant.filter(|_| known.is_none()) {
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
        let text = "FROM a AS one\nCOPY --from=nginx /x /\nCOPY --from=nginx:1 /x /\nCOPY --from=one /x /\nCOPY --from=two /x /\nFROM b AS two\n";
        assert_eq!(trial.dockerfile(text), ["nginx", "two"]);
    }
}
