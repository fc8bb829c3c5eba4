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

/// Whether a line of a configuration sets a secret: `password = horse`, `"token": "abc",`, or an address with a password.
pub(crate) fn names_a_secret(line: &str) -> bool {
    let bare =
        |text: &str| text.trim_matches(|letter: char| letter.is_whitespace() || "\"',-".contains(letter)).to_owned();
    let Some((name, value)) = line.split_once([':', '=']) else { return false };
    let (name, value) = (bare(name).to_ascii_lowercase(), bare(value));
    let has_password = value.split_once("://").and_then(|(_, rest)| rest.split_once('@')).is_some_and(|(user, _)| {
        user.split_once(':').is_some_and(|(_, password)| !password.is_empty() && may_be_secret(password))
    });
    has_password || is_secret_name(&name) && !value.is_empty() && may_be_secret(&value)
}

/// What Base64 stands for; nothing for a text that is none.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Whether a value tells a person what to write in its place: `DB_PASSWORD`, `your-token`, `xxxx`, `***`.
pub(crate) fn is_stand_in(value: &str) -> bool {
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
    fn base64_is_read() {
        assert_eq!(decoded("aG9yc2U=").as_deref(), Some(&b"horse"[..]));
        assert_eq!(decoded("aG9y\nc2U").as_deref(), Some(&b"horse"[..]));
        assert_eq!(decoded("<a>"), None);
    }

    #[test]
    fn what_looks_like_a_secret_may_be_one() {
        for value in ["horse", "AKIAIOSFODNN7EXAMPLE", "changeme", "QWERTY", "insertion"] {
            assert!(may_be_secret(value), "{value}");
        }
    }
}
