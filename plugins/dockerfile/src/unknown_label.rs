use hullmark_sdk::prelude::*;

rule! {
    /// The image has a label whose key is not among the allowed ones.
    ///
    /// ## What it checks
    ///
    /// Keys of `LABEL` against the option `allowed`. While that list is empty, as it is by default, the rule says nothing. A key
    /// with a variable that has no value in the file is passed over.
    ///
    /// ## Why it matters
    ///
    /// Labels are found by their exact key. Where a team has agreed on keys, another one is a misspelt one, or one that nobody
    /// reads.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// # options: {"allowed": ["maintainer", "org.opencontainers.image.*"]}
    /// FROM alpine:3.22
    /// LABEL org.opencontainer.image.title="web"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// # options: {"allowed": ["maintainer", "org.opencontainers.image.*"]}
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.title="web"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Remove the label, write its key as it was agreed on, or add the key to `allowed`.
    ///
    /// ## Options
    ///
    /// - `allowed` (default: empty): keys that labels may have; `*` at the end stands for anything.
    ///
    /// ## Other tools
    ///
    /// hadolint reports the first such label of an instruction only.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/engine/manage-resources/labels/>
    level: Note,
    tags: &["policy"],
    aliases: &["DL3050"],
    references: &["https://docs.docker.com/engine/manage-resources/labels/"],
    options: &[OptionSpec::texts("allowed", &[], "keys that labels may have; `*` at the end stands for anything")],
    checks: &[Instruction("LABEL", label)],
}

fn label(label: &Instruction, report: &mut Report) {
    let allowed: Vec<String> = report.options().texts("allowed").map(str::to_owned).collect();
    for pair in label.pairs() {
        let Some(key) = pair.key().filter(|key| !key.contains('$')) else { continue };
        let allows = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => key == pattern,
        };
        if !allowed.is_empty() && !allowed.iter().any(allows) {
            report.finding(pair.key_place(), format!("label `{key}` is not among the allowed ones"));
        }
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(text: &str) -> Vec<String> {
        Trial::with(&RULE, r#"{"allowed": ["k", "a.*"]}"#).dockerfile(text)
    }

    #[test]
    fn an_empty_list_allows_everything() {
        assert_eq!(dockerfile(&RULE, "FROM a\nLABEL x=y\n"), [""; 0]);
    }

    #[test]
    fn allowed_keys_and_variables_are_accepted() {
        assert_eq!(flagged("FROM a\nLABEL k=v \"k\"=w a.b=c $X=y\nENV x=y\nONBUILD LABEL x=y\n"), [""; 0]);
    }

    #[test]
    fn every_other_key_is_flagged() {
        assert_eq!(flagged("FROM a\nLABEL K=v k=w ab=c \\\n  x=y\n"), ["K", "ab", "x"]);
    }
}
