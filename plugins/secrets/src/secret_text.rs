//! Which names and values in manifests stand for a secret. No rule belongs here.

/// Ends of names that mean a secret.
const ENDS: [&str; 9] =
    ["password", "passwd", "secret", "token", "apikey", "api_key", "access_key", "secret_key", "private_key"];

/// Whether a name in lower case, its words parted by `_`, `-` or `.`, says that it holds a secret.
pub(crate) fn is_secret_name(lower: &str) -> bool {
    let name = lower.replace(['-', '.'], "_");
    ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('_')))
}

/// Whether a value holds a private key.
pub(crate) fn is_private_key(value: &str) -> bool {
    value.lines().any(|line| line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----"))
}

/// Beginnings of values that name a secret of another store, or are encrypted.
const REFERENCES: [&str; 4] = ["vault:", "ref+", "enc[", "sops:"];

/// Whether a value may be a secret: no path, no plain address, no switch, no small number, nothing that is kept elsewhere, and
/// nothing that is filled in later.
pub(crate) fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    if is_stand_in(value) {
        return false;
    }
    let value = value.to_ascii_lowercase();
    let is_small = value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_filled_in =
        value.contains("$(") || value.contains("${") || value.contains("{{") || value.starts_with(['<', '$']);
    let is_elsewhere = value.starts_with('/')
        || value.contains("://") && !value.contains('@')
        || REFERENCES.iter().any(|beginning| value.starts_with(beginning));
    let is_switch = matches!(value.as_str(), "true" | "false" | "yes" | "no" | "none" | "null");
    !(is_small || is_filled_in || is_elsewhere || is_switch)
}

/// Whether a value tells a person what to write in its place: `DB_PASSWORD`, `your-token`, `xxxx`, `***`.
fn is_stand_in(value: &str) -> bool {
    let is_shouted = value.contains('_') && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_filling = value.bytes().all(|byte| matches!(byte, b'x' | b'X' | b'*' | b'.' | b'-'));
    let lower = value.to_ascii_lowercase();
    let is_addressed = ["your-", "your_", "replace-", "replace_", "replaceme", "insert-", "insert_"]
        .iter()
        .any(|beginning| lower.starts_with(beginning));
    is_shouted || is_filling || is_addressed || matches!(value, "PASSWORD" | "SECRET" | "TOKEN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_and_references_are_no_secrets() {
        for value in [
            "API_KEY_VAL",
            "SECRET",
            "your-token-here",
            "REPLACE_ME",
            "xxxxxxxx",
            "***",
            "vault:secret/a#b",
            "ref+x",
            "",
        ] {
            assert!(!may_be_secret(value), "{value}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_may_be_one() {
        for value in ["horse", "AKIAIOSFODNN7EXAMPLE", "changeme", "QWERTY", "insertion"] {
            assert!(may_be_secret(value), "{value}");
        }
    }
}
