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

/// Whether a value may be a secret: no path, no plain address, no switch, no small number, nothing that is filled in later.
pub(crate) fn may_be_secret(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let is_small = value.len() <= 2 && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_filled_in =
        value.contains("$(") || value.contains("${") || value.contains("{{") || value.starts_with(['<', '$']);
    let is_elsewhere = value.starts_with('/') || value.contains("://") && !value.contains('@');
    let is_switch = matches!(value.as_str(), "true" | "false" | "yes" | "no" | "none" | "null");
    !(is_small || is_filled_in || is_elsewhere || is_switch)
}
