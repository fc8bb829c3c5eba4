use hullmark_sdk::prelude::*;

use crate::label_type::{TYPES, fault};

rule! {
    /// The value of a label is not of the type that its key asks for.
    ///
    /// ## What it checks
    ///
    /// Labels whose keys the option `labels` names: the value must not be empty, and must be of the type that stands there. While
    /// the option is empty, as it is by default, the rule says nothing. A value with a variable that has no value in the file is
    /// passed over.
    ///
    /// ## Why it matters
    ///
    /// Labels are for programs: an inventory sorts by the time, a scanner reads the license, a dashboard links to the URL. What
    /// they cannot read they leave out.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// # options: {"labels": {"org.opencontainers.image.created": "rfc3339"}}
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.created="yesterday"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// # options: {"labels": {"org.opencontainers.image.created": "rfc3339"}}
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.created="2026-05-04T12:00:00Z"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the value as its type has it.
    ///
    /// ## Options
    ///
    /// - `labels` (default: empty): the type of each label, by its key: `email`, `hash` (of a Git commit, 7 or 40 digits),
    ///   `rfc3339` (a time), `semver` (a version without `v`), `spdx` (a license expression), `url`, or `text`, which may be anything
    ///   but empty.
    ///
    /// ## Other tools
    ///
    /// hadolint takes a license expression of several licenses for a fault, accepts some malformed times and versions
    /// (`2026-05-04T12:00:00+0200`, `1.0.0-`), and takes a variable for what is written.
    ///
    /// ## References
    ///
    /// - <https://specs.opencontainers.org/image-spec/annotations/>
    tags: &["correctness"],
    aliases: &["DL3051", "DL3052", "DL3053", "DL3054", "DL3055", "DL3056", "DL3058"],
    references: &["https://specs.opencontainers.org/image-spec/annotations/"],
    options: &[OptionSpec::choices("labels", TYPES, "the type of each label's value, by the label's key")],
    checks: &[Instruction("LABEL", label)],
}

fn label(label: &Instruction, report: &mut Report) {
    let types: Vec<(String, String)> =
        report.options().entries("labels").map(|(key, kind)| (key.to_owned(), kind.to_owned())).collect();
    for pair in label.pairs() {
        let Some((key, kind)) = types.iter().find(|(key, _)| pair.key() == Some(key)) else { continue };
        let value = pair.value().map_or(Some(""), |_| pair.resolved());
        let alias = alias(kind);
        match value {
            None => {}
            Some("") => {
                let finding = report.finding(pair.key_place(), format!("label `{key}` is empty"));
                finding.aliases_if(&[("DL3051", true), (alias, alias != "DL3051")]);
            }
            Some(value) => {
                if let Some(fault) = fault(value, kind) {
                    report
                        .finding(pair, format!("the value of label `{key}`, `{value}`, is {fault}"))
                        .aliases(&[alias]);
                }
            }
        }
    }
}

fn alias(kind: &str) -> &'static str {
    match kind {
        "url" => "DL3052",
        "rfc3339" => "DL3053",
        "spdx" => "DL3054",
        "hash" => "DL3055",
        "semver" => "DL3056",
        "email" => "DL3058",
        _ => "DL3051",
    }
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    fn flagged(labels: &str, text: &str) -> Vec<String> {
        Trial::with(&RULE, &format!(r#"{{"labels": {labels}}}"#)).dockerfile(text)
    }

    #[test]
    fn only_named_labels_count() {
        assert_eq!(dockerfile(&RULE, "FROM a\nLABEL v=x\n"), [""; 0]);
        assert_eq!(flagged(r#"{"v": "semver"}"#, "FROM a\nLABEL V=x w=x\nENV v=x\n"), [""; 0]);
    }

    #[test]
    fn variables_are_followed_as_far_as_the_file_tells() {
        let text = "FROM a\nARG A=1.0.0 B=1 C\nLABEL v=$A\nLABEL v=$C\nLABEL v=${B}\n";
        assert_eq!(flagged(r#"{"v": "semver"}"#, text), ["${B}"]);
    }

    #[test]
    fn quotes_are_no_part_of_the_value() {
        let text = "FROM a\nLABEL v='1.0.0' \"v\"=\"1.0\" \\\n  v=2\nLABEL v 3.0.0\n";
        assert_eq!(flagged(r#"{"v": "semver"}"#, text), ["\"1.0\"", "2"]);
    }

    #[test]
    fn empty_values_are_of_no_type() {
        assert_eq!(flagged(r#"{"t": "text", "u": "url"}"#, "FROM a\nLABEL t= u=\"\"\nLABEL t=x\n"), ["t", "u"]);
    }
}
