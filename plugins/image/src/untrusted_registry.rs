use hullmark_sdk::prelude::*;

use crate::borrowed::Borrowed;
use crate::origin;

rule! {
    /// The image comes from a registry that is not among the allowed ones.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM`, of `COPY --from` and `RUN --mount=from`, and of containers, against the option `registries`. While that
    /// list is empty, as it is by default, the rule says nothing. `scratch`, stages, images with a variable that has no value
    /// in the file and texts that Docker would refuse are passed over.
    ///
    /// ## Why it matters
    ///
    /// Whoever controls the registry controls what runs. A list of registries that are scanned, mirrored and paid for keeps
    /// a misspelt or abandoned name from being fetched from elsewhere.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// # options: {"registries": ["ghcr.io/acme", "*.acme.example"]}
    /// FROM golang:1.25.3 AS build
    /// FROM ghcr.io/acme/base:4
    /// COPY --from=ghcr.io/other/tools:2 /bin/tool /bin/
    /// ```
    ///
    /// ```yaml
    /// # options: {"registries": ["ghcr.io/acme", "*.acme.example"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: nginx:1.29.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// # options: {"registries": ["ghcr.io/acme", "*.acme.example"]}
    /// FROM ghcr.io/acme/base:4 AS base
    /// FROM scratch
    /// COPY --from=base /bin/tool /bin/
    /// ```
    ///
    /// ```yaml
    /// # options: {"registries": ["ghcr.io/acme", "*.acme.example"]}
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///     - name: web
    ///       image: images.acme.example/web:1.4.0
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the image from an allowed registry, or add its registry to `registries`.
    ///
    /// ## Options
    ///
    /// - `registries` (default: empty): registries to allow, each a host with its port and, optionally, the beginning of the
    ///   repository (`ghcr.io/acme` allows `ghcr.io/acme/web`, not `ghcr.io/acme-labs/web`). `*` at the start or the end of either
    ///   part stands for anything. An image without a registry comes from `docker.io`, and those of one word from
    ///   `docker.io/library`.
    /// - `unresolved` (default: `false`): flag an image of `FROM` too whose registry is a variable that has no value in the file.
    ///
    /// ## Other tools
    ///
    /// Trivy has a fixed list of three cloud registries and passes over images without a slash; hadolint passes over registries
    /// without a dot, such as `localhost:5000`. Here a registry is what Docker takes for one. A named build context that is
    /// used in `COPY --from` looks like an image of Docker Hub; suppress the finding there.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/reference/cli/docker/image/tag/>
    level: Warning,
    tags: &["security", "supply-chain", "external/cwe/cwe-829"],
    security_severity: Some("5.0"),
    aliases: &["DL3026", "KSV-0125", "KSV-0032", "KSV-0033", "KSV-0034", "KSV-0035"],
    references: &["https://docs.docker.com/reference/cli/docker/image/tag/"],
    fragments: true,
    options: &[
        OptionSpec::texts(
            "registries",
            &[],
            "registries to allow, such as `ghcr.io/acme` or `*.acme.example`; while there are none, the rule says nothing",
        ),
        OptionSpec::flag(
            "unresolved",
            false,
            "whether to flag an image of `FROM` too whose registry is a variable that has no value in the file",
        ),
    ],
    checks: &[Stage(stage), Instruction("COPY", borrowed), Instruction("RUN", borrowed), Container(container)],
}

fn stage(stage: &Stage, report: &mut Report) {
    let Some(image) = stage.image() else {
        unresolved(stage, report);
        return;
    };
    let Some(registry) = untrusted(image.text(), report) else { return };
    let message = format!("{} comes from `{registry}`, which is not an allowed registry", origin::title(stage, &image));
    let finding = report.finding(image.name_place(), message);
    finding.aliases(&["DL3026"]);
    origin::explain(finding, stage);
}

fn unresolved(stage: &Stage, report: &mut Report) {
    let written = origin::written(stage);
    let registry = written.split_once('/').map_or(written, |(registry, _)| registry);
    let options = report.options();
    let is_limited =
        options.texts("registries").next().is_some() && options.texts("registries").all(|each| each != "*");
    let is_open = origin::is_unresolved(stage) && registry.contains('$');
    if options.flag("unresolved") && is_limited && is_open {
        let message = format!("image `{written}` may come from any registry");
        report.finding(stage.place(), message).aliases(&["DL3026"]);
    }
}

fn borrowed(instruction: &Instruction, report: &mut Report) {
    for image in Borrowed::all(instruction) {
        judge(image.text, image.place(name(image.text)), &["DL3026"], report);
    }
}

fn container(container: &Container, report: &mut Report) {
    if let Some(image) = container.image() {
        // Trivy no longer runs the four older checks by itself.
        let aliases: &[_] = if image.text().contains('/') { &["KSV-0125"] } else { &[] };
        judge(image.text(), image.name_place(), aliases, report);
    }
}

fn judge(image: &str, at: Place, aliases: &[&'static str], report: &mut Report) {
    if let Some(registry) = untrusted(image, report) {
        let message = format!("image `{image}` comes from `{registry}`, which is not an allowed registry");
        report.finding(at, message).aliases(aliases);
    }
}

/// An image without tag and digest.
fn name(image: &str) -> &str {
    let end = parse_image(image).map_or(image.len(), |parsed| parsed.name_at.end as usize);
    image.get(..end).unwrap_or(image)
}

/// The registry of an image that no pattern allows; nothing where there are no patterns.
fn untrusted(image: &str, report: &Report) -> Option<String> {
    let parsed = parse_image(image)?;
    let mut patterns = report.options().texts("registries").peekable();
    patterns.peek()?;
    let allowed = patterns.any(|pattern| allows(pattern, &parsed.registry, &parsed.repository));
    (!allowed).then_some(parsed.registry)
}

fn allows(pattern: &str, registry: &str, repository: &str) -> bool {
    let (host, path) = pattern.split_once('/').unwrap_or((pattern, ""));
    let host = host.to_ascii_lowercase();
    // Two older names of Docker Hub.
    let host = if host == "index.docker.io" || host == "hub.docker.com" { "docker.io" } else { &host };
    let path = path.trim_end_matches('/');
    matches(host, &registry.to_ascii_lowercase())
        && (path.is_empty()
            || matches(path, repository)
            || repository.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

/// Whether a text equals a pattern that may begin or end with `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => text.contains(pattern.trim_matches('*')),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => text == pattern,
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(registries: &str, text: &str) -> Vec<String> {
        Trial::with(&RULE, &format!(r#"{{"registries": {registries}}}"#)).dockerfile(text)
    }

    #[test]
    fn an_empty_list_says_nothing() {
        assert_eq!(dockerfile(&RULE, "FROM anything.example/a:1\n"), [""; 0]);
    }

    #[test]
    fn a_registry_may_have_to_be_told() {
        let text = "ARG D=ghcr.io\nFROM $A\nFROM $A/b:1\nFROM $D/a\nFROM quay.io/$A\nFROM scratch AS s\nFROM s\n";
        let found = |options: &str| Trial::with(&RULE, options).dockerfile(text);
        assert_eq!(found(r#"{"registries": ["ghcr.io"], "unresolved": true}"#), ["$A", "$A/b:1"]);
        assert_eq!(found(r#"{"unresolved": true}"#), [""; 0]);
        assert_eq!(found(r#"{"registries": ["*"], "unresolved": true}"#), [""; 0]);
    }

    #[test]
    fn docker_hub_is_implied() {
        assert_eq!(flagged(r#"["docker.io"]"#, "FROM nginx:1\nFROM team/app\n"), [""; 0]);
        assert_eq!(flagged(r#"["docker.io/library"]"#, "FROM nginx:1\nFROM team/app\n"), ["team/app"]);
        assert_eq!(flagged(r#"["hub.docker.com"]"#, "FROM nginx:1\n"), [""; 0]);
    }

    #[test]
    fn stages_are_no_images() {
        let text = "FROM ghcr.io/a/b AS one\nFROM one\nCOPY --from=One /a /b\nCOPY --from=0 /a /b\nRUN --mount=from=one,target=/x ls\n";
        assert_eq!(flagged(r#"["ghcr.io"]"#, text), [""; 0]);
    }

    #[test]
    fn a_prefix_ends_between_components() {
        assert!(allows("ghcr.io/acme", "ghcr.io", "acme/web"));
        assert!(allows("ghcr.io/acme/", "ghcr.io", "acme/web"));
        assert!(allows("ghcr.io/acme/*", "ghcr.io", "acme/web"));
        assert!(allows("ghcr.io/acme*", "ghcr.io", "acme-labs/web"));
        assert!(!allows("ghcr.io/acme", "ghcr.io", "acme-labs/web"));
        assert!(!allows("ghcr.io/acme/*", "ghcr.io", "acme"));
    }

    #[test]
    fn wildcards_stand_at_the_ends() {
        assert!(allows("*", "quay.io", "a/b"));
        assert!(allows("*.acme.example", "images.acme.example", "a"));
        assert!(!allows("*.acme.example", "acme.example", "a"));
        assert!(allows("localhost:*", "localhost:5000", "a"));
        assert!(!allows("localhost", "localhost:5000", "a"));
    }

    #[test]
    fn every_place_that_pulls_an_image_is_looked_at() {
        let text =
            "FROM ghcr.io/a/b\nCOPY --from=busybox:1 /a /b\nRUN --mount=type=bind,from=quay.io/c/d:2,target=/x ls\n";
        assert_eq!(flagged(r#"["ghcr.io"]"#, text), ["busybox", "quay.io/c/d"]);
    }
}
