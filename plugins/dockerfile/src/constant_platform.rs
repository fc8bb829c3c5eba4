use hullmark_sdk::prelude::*;

use crate::words::with_blank;

rule! {
    /// `FROM --platform` names one platform, so the image cannot be built for another.
    ///
    /// ## What it checks
    ///
    /// `--platform` without a variable. A stage whose name holds the operating system or the architecture (`build_amd64`) is
    /// one of several, one for each platform, and passed over.
    ///
    /// ## Why it matters
    ///
    /// Whatever `docker build --platform` asks for, the stage is built for the platform in the file; on another machine it
    /// runs in emulation, slowly, or not at all.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM --platform=linux/amd64 alpine:3.22 AS base
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM golang:1.25.3 AS build
    /// ```
    ///
    /// ```dockerfile
    /// FROM --platform=linux/amd64 alpine:3.22 AS base_amd64
    /// FROM --platform=linux/arm64 alpine:3.22 AS base_arm64
    /// FROM base_${TARGETARCH}
    /// ```
    ///
    /// ## How to fix
    ///
    /// Drop the flag and pass `--platform` to the build, or use `$BUILDPLATFORM` where the stage cross-compiles.
    ///
    /// ## Options
    ///
    /// - `every` (default: `false`): flag everything but `BUILDPLATFORM` and `TARGETPLATFORM`, variables of the file's own and
    ///   stages named after their platform too.
    ///
    /// ## Other tools
    ///
    /// hadolint does what the option says, and accepts the two names without a `$` as well.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/>
    tags: &["portability"],
    precision: High,
    aliases: &["FromPlatformFlagConstDisallowed", "DL3029"],
    references: &["https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/"],
    options: &[OptionSpec::flag(
        "every",
        false,
        "whether to flag everything but `BUILDPLATFORM` and `TARGETPLATFORM`: variables and stages named after their platform too",
    )],
    checks: &[Stage(stage)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(flag) = stage.from().flag("platform") else { return };
    let Some(platform) = flag.value() else { return };
    let is_constant = is_constant(stage, platform);
    let is_given = ["BUILDPLATFORM", "TARGETPLATFORM"].into_iter().any(|given| platform.contains(given));
    if !is_constant && (is_given || !report.options().flag("every")) {
        return;
    }
    let message = match is_constant {
        true => format!("`--platform` is always `{platform}`"),
        false => format!("`--platform={platform}` is neither `$BUILDPLATFORM` nor `$TARGETPLATFORM`"),
    };
    let finding = report.finding(flag.part(0, platform), message);
    finding.aliases_if(&[("FromPlatformFlagConstDisallowed", is_constant), ("DL3029", !is_given)]);
    if let Some(place) = with_blank(flag) {
        finding.fix(Fix::needs_review("build for the platform that is asked for").replace(place, ""));
    }
}

/// Whether the platform is written, and nothing says that there are other stages for other platforms.
fn is_constant(stage: &Stage, platform: &str) -> bool {
    let Some((system, architecture)) = parse(platform).filter(|_| !platform.contains('$')) else { return false };
    !stage.name().is_some_and(|name| name.contains(&system) || name.contains(&architecture))
}

/// Operating system and architecture, as containerd reads a platform; one word is either of them.
fn parse(platform: &str) -> Option<(String, String)> {
    let parts: Vec<String> = platform.split('/').map(str::to_ascii_lowercase).collect();
    let is_word = |part: &String| {
        !part.is_empty() && part.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-'))
    };
    if parts.len() > 3 || !parts.iter().all(is_word) {
        return None;
    }
    let architecture = |name: &str| match name {
        "x86_64" | "x86-64" => "amd64".to_owned(),
        "aarch64" => "arm64".to_owned(),
        "i386" => "386".to_owned(),
        "armhf" | "armel" => "arm".to_owned(),
        other => other.to_owned(),
    };
    Some(match &parts[..] {
        [one] => (one.clone(), architecture(one)),
        [system, machine, ..] => (system.clone(), architecture(machine)),
        [] => return None,
    })
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn variables_are_no_constants() {
        assert_eq!(
            dockerfile(&RULE, "ARG P=linux/amd64\nFROM --platform=$P a\nFROM --platform=linux/$ARCH a\n"),
            [""; 0]
        );
    }

    #[test]
    fn a_name_may_hold_the_platform() {
        let text = "FROM --platform=linux/amd64 a AS my_AMD64_stage\nFROM --platform=linux/amd64 a AS linux\n\
            FROM --platform=linux/aarch64 a AS arm64\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn every_platform_of_the_file_s_own_may_be_flagged() {
        let text = "FROM --platform=linux/$ARCH a\nFROM --platform=amd64 a AS amd64\nFROM --platform=$BUILDPLATFORM a\nFROM a\n";
        assert_eq!(Trial::with(&RULE, r#"{"every": true}"#).dockerfile(text), ["linux/$ARCH", "amd64"]);
    }

    #[test]
    fn what_is_no_platform_is_passed_over() {
        assert_eq!(dockerfile(&RULE, "FROM --platform=a/b/c/d x\nFROM --platform=linux/ x\n"), [""; 0]);
    }

    #[test]
    fn the_fix_drops_the_flag() {
        let text = "FROM --platform=linux/amd64 scratch\nFROM --platform=linux/arm/v7 \\\n  a AS b\n";
        assert_eq!(dockerfile(&RULE, text), ["linux/amd64", "linux/arm/v7"]);
        let fixed = Trial::of(&RULE).fixed("Dockerfile", text);
        assert_eq!(fixed, "FROM scratch\nFROM --platform=linux/arm/v7 \\\n  a AS b\n");
    }
}
