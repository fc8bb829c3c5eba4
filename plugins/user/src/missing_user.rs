use hullmark_sdk::prelude::*;

use crate::dockerfile_user::{is_windows, last_user};

rule! {
    /// No `USER` is set, so the image runs as the user of its base image, which is root almost always.
    ///
    /// ## What it checks
    ///
    /// The final stage and the stages that it is built from: one of them must have a `USER`. Base images whose name or tag says
    /// that they are not root (`nonroot`, `non-root`, `unprivileged`, `rootless`) need none, nor do those of Windows. A stage
    /// `FROM scratch` without `CMD` and `ENTRYPOINT` holds files to be copied out and runs nothing.
    ///
    /// ## Why it matters
    ///
    /// Root in a container is root on the node as soon as something lets it out: a bug of the kernel, a mounted socket, a file
    /// of the host. As another user the same bug yields next to nothing. Kubernetes can refuse such images (`runAsNonRoot`).
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM golang:1.25.3 AS build
    /// USER 10001
    /// RUN go build -o /server
    ///
    /// FROM debian:13.1
    /// COPY --from=build /server /server
    /// CMD ["/server"]
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM debian:13.1
    /// USER 10001
    /// CMD ["/server"]
    /// ```
    ///
    /// ```dockerfile
    /// FROM gcr.io/distroless/static-debian12:nonroot
    /// CMD ["/server"]
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the final stage with a `USER` that is not root, best as a number: `USER 10001`.
    ///
    /// ## Options
    ///
    /// - `nonroot-images` (default: empty): further base images that do not run as root, by their names as they are written in
    ///   `FROM`, without tag; `*` at the end stands for anything (`registry.example/base/*`).
    ///
    /// - `assume-root` (default: `false`): take every base image for one that runs as root and every final stage for one that
    ///   runs something, whatever their names say and whatever the file holds.
    ///
    /// ## Other tools
    ///
    /// Trivy and Checkov accept a `USER` in any stage, also in one that only builds, and assume what the option `assume-root`
    /// does.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/dockerfile/#user>
    /// - <https://docs.docker.com/build/building/best-practices/#user>
    level: Warning,
    tags: &["security", "external/cwe/cwe-250"],
    security_severity: Some("6.0"),
    precision: Medium,
    aliases: &["DS-0002", "CKV_DOCKER_3"],
    references: &[
        "https://docs.docker.com/reference/dockerfile/#user",
        "https://docs.docker.com/build/building/best-practices/#user",
    ],
    options: &[
        OptionSpec::texts(
            "nonroot-images",
            &[],
            "base images that do not run as root, without tag; `*` at the end stands for anything",
        ),
        OptionSpec::flag("assume-root", false, "whether to take every base image for one that runs something as root"),
    ],
    checks: &[Dockerfile(judge)],
}

/// Words in names and tags of images that are built to run as another user.
const NONROOT: [&str; 4] = ["nonroot", "non-root", "unprivileged", "rootless"];

fn judge(file: &Dockerfile, report: &mut Report) {
    let Some(stage) = file.final_stage() else { return };
    let base = stage.lineage().find_map(Stage::base);
    let needs_none = || {
        stage.is_implied()
            || is_windows(file)
            || runs_nothing(&stage)
            || base.is_some_and(|base| is_nonroot(base, report))
    };
    if last_user(file).is_some() || !report.options().flag("assume-root") && needs_none() {
        return;
    }
    // A digest would only make the sentence long.
    let after = base.map(|base| format!(" after `{}`", base.split('@').next().unwrap_or(base))).unwrap_or_default();
    let message = format!("no `USER` is set{after}, so the image runs as root unless its base says otherwise");
    let finding = report.finding(stage.place(), message);
    if file.instructions().any(|instruction| instruction.name() == "USER") {
        // A user of any stage satisfies the others.
        finding.aliases(&[]);
    }
}

/// Whether a stage can only be copied from: nothing in it tells what to run.
fn runs_nothing(stage: &Stage) -> bool {
    stage.lineage().any(|stage| stage.base() == Some("scratch"))
        && !stage
            .lineage()
            .flat_map(Stage::instructions)
            .any(|instruction| matches!(instruction.name(), "CMD" | "ENTRYPOINT"))
}

fn is_nonroot(base: &str, report: &Report) -> bool {
    let Some(image) = parse_image(base) else { return false };
    let name = base.get(..image.name_at.end as usize).unwrap_or(base);
    let listed = |pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    let says = |text: &str| NONROOT.iter().any(|word| text.contains(word));
    let last = name.rsplit('/').next().unwrap_or(name);
    says(last) || image.tag.as_deref().is_some_and(says) || report.options().texts("nonroot-images").any(listed)
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn a_user_of_a_parent_is_a_user() {
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS base\nUSER app\nFROM base\nCMD x\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER $APP\n"), [""; 0]);
    }

    #[test]
    fn root_is_a_user_too() {
        assert_eq!(dockerfile(&RULE, "FROM a:1\nUSER root\n"), [""; 0]);
    }

    #[test]
    fn base_images_that_say_so_are_not_root() {
        assert_eq!(dockerfile(&RULE, "FROM gcr.io/distroless/static:debug-nonroot\nCMD x\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM nginxinc/nginx-unprivileged:1.29\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "ARG TAG=nonroot\nFROM gcr.io/distroless/static:$TAG\n"), [""; 0]);
    }

    #[test]
    fn windows_has_no_root() {
        assert_eq!(dockerfile(&RULE, "FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCMD x\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM mcr.microsoft.com/dotnet/aspnet:9.0-nanoserver-ltsc2025\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM --platform=windows/amd64 a:1\n"), [""; 0]);
    }

    #[test]
    fn files_to_copy_out_run_nothing() {
        assert_eq!(dockerfile(&RULE, "FROM scratch\nCOPY a /\n"), [""; 0]);
        assert_eq!(dockerfile(&RULE, "FROM scratch\nCOPY a /\nENTRYPOINT [\"/a\"]\n"), ["scratch"]);
    }

    #[test]
    fn a_user_of_another_stage_does_not_help() {
        assert_eq!(dockerfile(&RULE, "FROM a:1 AS build\nUSER app\nFROM b:1\nCOPY --from=build /a /a\n"), ["b:1"]);
    }

    #[test]
    fn an_unknown_base_is_taken_for_root() {
        assert_eq!(dockerfile(&RULE, "FROM $BASE\nCMD x\n"), ["$BASE"]);
    }

    #[test]
    fn nothing_may_be_taken_for_granted() {
        let strict = Trial::with(&RULE, r#"{"assume-root": true}"#);
        assert_eq!(strict.dockerfile("FROM scratch\nCOPY a /\n"), ["scratch"]);
        assert_eq!(strict.dockerfile("FROM x/static:nonroot\n"), ["x/static:nonroot"]);
    }

    #[test]
    fn a_team_knows_its_images() {
        let known = Trial::with(&RULE, r#"{"nonroot-images": ["team/base", "cgr.example/*"]}"#);
        assert_eq!(known.dockerfile("FROM team/base:1\n"), [""; 0]);
        assert_eq!(known.dockerfile("FROM cgr.example/python:3\n"), [""; 0]);
        assert_eq!(known.dockerfile("FROM team/base-dev:1\n"), ["team/base-dev:1"]);
    }
}
