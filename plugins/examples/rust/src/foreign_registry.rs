use hullmark_sdk::prelude::*;

rule! {
    /// The image does not come from acme's registry.
    ///
    /// ## What it checks
    ///
    /// Images of `FROM` and of containers, against the option `registries`. `scratch`, earlier stages and images with a
    /// variable that has no value in the file are passed over.
    ///
    /// ## Why it matters
    ///
    /// Only what lies in acme's registry is scanned, signed and kept for as long as it runs.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM node:22.21.1
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM registry.acme.example/library/node:22.21.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// Take the image from the mirror in `registry.acme.example`, which has the images of Docker Hub under their own names.
    ///
    /// ## Options
    ///
    /// - `registries` (default: `registry.acme.example`): registries to allow.
    level: Error,
    tags: &["security", "supply-chain"],
    security_severity: Some("7.0"),
    references: &["https://platform.acme.example/images"],
    fragments: true,
    options: &[OptionSpec::texts("registries", &["registry.acme.example"], "registries to allow")],
    checks: &[Stage(stage), Container(container)],
}

fn stage(stage: &Stage, report: &mut Report) {
    if let Some(image) = stage.image() {
        judge(&image, report);
    }
}

fn container(container: &Container, report: &mut Report) {
    if let Some(image) = container.image() {
        judge(&image, report);
    }
}

fn judge(image: &Image, report: &mut Report) {
    let registries: Vec<String> = report.options().texts("registries").map(str::to_owned).collect();
    let Some(mirror) = registries.first().filter(|_| !registries.iter().any(|it| it == image.registry())) else {
        return;
    };
    let message = format!("image `{}` comes from `{}`", image.familiar_name(), image.registry());
    let finding = report.finding(image.name_place(), message);
    if image.is_literal() && image.registry() == "docker.io" {
        let text = format!("{mirror}/{}", image.repository());
        finding.fix(Fix::needs_review("take it from the mirror").replace(image.name_place(), text));
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn the_mirror_and_stages_are_accepted() {
        let text = "FROM registry.acme.example/library/node:22 AS build\nFROM build\nFROM scratch\nFROM $BASE\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
        assert_eq!(Trial::with(&RULE, r#"{"registries": ["docker.io"]}"#).dockerfile("FROM node:22\n"), [""; 0]);
    }

    #[test]
    fn the_fix_names_the_mirror() {
        let fixed = Trial::of(&RULE).fixed("Dockerfile", "FROM node:22\nFROM ghcr.io/acme/base:4\n");
        assert_eq!(fixed, "FROM registry.acme.example/library/node:22\nFROM ghcr.io/acme/base:4\n");
    }
}
