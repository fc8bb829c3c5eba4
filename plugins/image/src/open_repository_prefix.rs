use hullmark_sdk::prelude::*;

rule! {
    /// A Gatekeeper constraint allows a beginning of image names that strangers can have too.
    ///
    /// ## What it checks
    ///
    /// `spec.parameters.repos` of `K8sAllowedRepos` constraints. Gatekeeper compares the beginning of the image with each entry,
    /// letter by letter. An entry without a slash at its end, and without a tag or a digest, lets names through that only begin
    /// like it.
    ///
    /// ## Why it matters
    ///
    /// `registry.example` also allows `registry.example.evil.test/miner`, and `docker.io/acme` also `docker.io/acme-mirror/miner`:
    /// anyone can register a name that an entry is the beginning of.
    ///
    /// ## Flagged
    ///
    /// ```yaml
    /// apiVersion: constraints.gatekeeper.sh/v1beta1
    /// kind: K8sAllowedRepos
    /// metadata:
    ///   name: repos
    /// spec:
    ///   parameters:
    ///     repos:
    ///       - registry.example
    ///       - docker.io/acme
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```yaml
    /// apiVersion: constraints.gatekeeper.sh/v1beta1
    /// kind: K8sAllowedRepos
    /// metadata:
    ///   name: repos
    /// spec:
    ///   parameters:
    ///     repos:
    ///       - registry.example/
    ///       - docker.io/acme/
    ///       - docker.io/library/nginx:1.29.1
    /// ```
    ///
    /// ## How to fix
    ///
    /// End the entry with a slash, or name one image with its tag.
    ///
    /// ## Other tools
    ///
    /// Trivy reports entries without a slash and without a colon, and short ones of `docker.io`. It passes over longer paths without
    /// a slash at their end, which are as open.
    ///
    /// ## References
    ///
    /// - <https://open-policy-agent.github.io/gatekeeper-library/website/validation/allowedrepos/>
    level: Warning,
    tags: &["security", "supply-chain", "external/cwe/cwe-829"],
    security_severity: Some("7.0"),
    aliases: &["KSV-0124"],
    references: &["https://open-policy-agent.github.io/gatekeeper-library/website/validation/allowedrepos/"],
    fragments: true,
    checks: &[Object(&["K8sAllowedRepos"], constraint)],
}

fn constraint(object: &Object, report: &mut Report) {
    if object.group() != "constraints.gatekeeper.sh" {
        return;
    }
    for repository in object.at(&["spec", "parameters", "repos"]).into_iter().flat_map(Node::items) {
        let Some(text) = repository.text().filter(|text| !text.ends_with('/')) else { continue };
        // Behind the last slash a colon is that of a tag; before it, that of a port.
        let last = text.rsplit('/').next().unwrap_or(text);
        if text.contains('/') && last.contains([':', '@']) {
            continue;
        }
        let message = format!("`{text}` also allows every name that only begins like it");
        let finding = report.finding(repository, message);
        let is_short = text.starts_with("docker.io") && text.split('/').count() <= 2;
        finding.aliases_if(&[("KSV-0124", is_short || !text.contains(['/', ':']))]);
        if repository.alias().is_none() {
            let title = "end the entry with a slash";
            finding.fix(Fix::needs_review(title).insert_after(repository.part(0, text), "/"));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn constraint(repos: &str) -> String {
        format!(
            "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sAllowedRepos\nspec: {{parameters: {{repos: {repos}}}}}\n"
        )
    }

    #[test]
    fn whole_names_and_folders_are_accepted() {
        for repos in
            ["[a.example/]", "['a.example:5000/']", "['a.example/web:1.4']", "['a.example/web@sha256:0']", "[]", "[1]"]
        {
            assert_eq!(manifest(&RULE, &constraint(repos)), [""; 0], "{repos}");
        }
        let other = constraint("[a.example]").replace("constraints.gatekeeper.sh", "other.example");
        assert_eq!(manifest(&RULE, &other), [""; 0]);
    }

    #[test]
    fn beginnings_are_flagged() {
        let repos = "[a.example, 'b.example:5000', docker.io/acme, c.example/team/web]";
        let expected = ["a.example", "'b.example:5000'", "docker.io/acme", "c.example/team/web"];
        assert_eq!(manifest(&RULE, &constraint(repos)), expected);
    }

    #[test]
    fn the_fix_ends_the_entry() {
        let fixed = Trial::of(&RULE).fixed("a.yaml", &constraint("[a.example, 'b.example:5000']"));
        assert_eq!(fixed, constraint("[a.example/, 'b.example:5000/']"));
    }
}
