//! Versions as people write them.

/// A version of up to three numbers, those that are missing being 0; a `v` before it does not count.
pub(super) fn parse(text: &str) -> Option<[u32; 3]> {
    let mut version = [0; 3];
    let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
    for (number, part) in version.iter_mut().zip(&mut parts) {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| digits)?;
    }
    parts.next().is_none().then_some(version)
}

/// The minor version of what a cluster or a tool tells of itself: `v1.34.2` is `1.34`.
#[must_use]
pub fn minor(given: &str) -> Option<String> {
    let mut numbers = given.strip_prefix('v').unwrap_or(given).split(['.', '+', '-']);
    let mut number =
        || numbers.next().filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    Some(format!("{}.{}", number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_version_is_none() {
        for text in ["", "v", "1.", "1.a", "1.2.3.4", "1.2-rc", "+1", "99999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
        for text in ["", "1", "latest", "1.x"] {
            assert_eq!(minor(text), None, "{text}");
        }
    }

    #[test]
    fn versions_follow_each_other_by_number() {
        assert!(parse("0.10") > parse("0.9.9") && parse("1") == parse("v1.0.0"));
        assert_eq!(minor("v1.34.2+k3s1").as_deref(), Some("1.34"));
    }
}
