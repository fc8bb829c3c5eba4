use hullmark_sdk::prelude::*;

rule! {
    /// The key of a label is not formed as Docker asks.
    ///
    /// ## What it checks
    ///
    /// Keys of `LABEL`: a small letter first, then small letters, digits, `.`, `-`, `_` and `/`, a small letter or a digit last, and no two of `.` or `-` in a row. The prefixes `com.docker.`, `io.docker.` and `org.dockerproject.` are kept for Docker. A key with a variable is passed over.
    ///
    /// ## Why it matters
    ///
    /// Tools look labels up by their exact key, and parse it by these conventions.
    ///
    /// ## Flagged
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// LABEL Vendor="Example"
    /// ```
    ///
    /// ## Accepted
    ///
    /// ```dockerfile
    /// FROM alpine:3.22
    /// LABEL org.opencontainers.image.vendor="Example"
    /// ```
    ///
    /// ## How to fix
    ///
    /// Write the key in small letters, with the reversed name of a domain of yours before it.
    ///
    /// ## Options
    ///
    /// - `variables` (default: `false`): flag a key with a variable too, whatever it comes to.
    ///
    /// ## Other tools
    ///
    /// hadolint takes a variable for what is written, as the option does.
    ///
    /// ## References
    ///
    /// - <https://docs.docker.com/engine/manage-resources/labels/>
    level: Note,
    tags: &["style"],
    aliases: &["DL3048"],
    options: &[OptionSpec::flag("variables", false, "whether to flag a key with a variable too")],
    checks: &[Instruction("LABEL", label)],
    references: &["https://docs.docker.com/engine/manage-resources/labels/"],
}

/// Prefixes of Docker's own labels.
const RESERVED: [&str; 3] = ["com.docker.", "io.docker.", "org.dockerproject."];

fn label(instruction: &Instruction, report: &mut Report) {
    let variables = report.options().flag("variables");
    for pair in instruction.pairs() {
        let Some(key) = pair.key().filter(|key| variables || !key.contains('$')) else { continue };
        if let Some(reserved) = RESERVED.into_iter().find(|reserved| key.starts_with(reserved)) {
            report.finding(
                pair.key_place(),
                format!("label `{key}` has the prefix `{reserved}`, which is kept for Docker"),
            );
        } else if !is_well_formed(key) {
            report.finding(pair.key_place(), format!("the key of label `{key}` is not formed as Docker asks"));
        }
    }
}

fn is_well_formed(key: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'/');
    key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.ends_with(|last: char| last.is_ascii_lowercase() || last.is_ascii_digit())
        && key.bytes().all(is_inner)
        && !key.contains("..")
        && !key.contains("--")
}

#[cfg(test)]
mod tests {
    use hullmark_sdk::testing::*;

    use super::*;

    #[test]
    fn conventional_keys_and_variables_are_accepted() {
        let text =
            "FROM a\nLABEL maintainer=a org.opencontainers.image.ref.name=b io.k8s.display-name=c a_b/c1=d $E=f\n";
        assert_eq!(dockerfile(&RULE, text), [""; 0]);
    }

    #[test]
    fn other_keys_are_flagged() {
        let text = "FROM a\nLABEL Name=a 1b=c d..e=f g-=h i--j=k \"l m\"=n com.docker.x=o com.dockerx=p\n";
        let flagged = ["Name", "1b", "d..e", "g-", "i--j", "\"l m\"", "com.docker.x"];
        assert_eq!(dockerfile(&RULE, text), flagged);
    }

    #[test]
    fn variables_may_be_unwanted() {
        assert_eq!(Trial::with(&RULE, r#"{"variables": true}"#).dockerfile("FROM a\nLABEL b$C=d e=$F\n"), ["b$C"]);
    }
}
