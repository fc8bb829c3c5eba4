//! What the value of a label has to look like. Not which labels there are.

use spdx::{Expression, ParseMode};

/// The types that a label's value can have.
pub(crate) const TYPES: &[&str] = &["email", "hash", "rfc3339", "semver", "spdx", "text", "url"];

/// What is wrong with a value that is not empty: what it is not.
pub(crate) fn fault(value: &str, kind: &str) -> Option<&'static str> {
    match kind {
        "email" if !is_email(value) => Some("no e-mail address"),
        "hash" if !is_git_hash(value) => Some("no Git hash of 7 or 40 digits"),
        "rfc3339" if !is_time(value) => Some("no time as RFC 3339 has it"),
        "semver" if !is_version(value) => Some("no semantic version"),
        "spdx" if Expression::parse_mode(value, ParseMode::STRICT).is_err() => Some("no SPDX license expression"),
        "url" if !is_url(value) => Some("no URL"),
        _ => None,
    }
}

fn is_git_hash(value: &str) -> bool {
    matches!(value.len(), 7 | 40) && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `date-time` of RFC 3339, section 5.6.
fn is_time(value: &str) -> bool {
    let Some((date, time)) = value.split_once(['T', 't']) else { return false };
    let zone = time.find(['Z', 'z', '+', '-']).map(|at| time.split_at(at));
    let Some((clock, zone)) = zone else { return false };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    is_date(date) && is_clock(clock) && is_number(fraction) && is_zone(zone)
}

fn is_date(date: &str) -> bool {
    let Some([year, month, day]) = digits(date, "0000-00-00", '-') else { return false };
    let is_leap_year = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year => 29,
        2 => 28,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

fn is_clock(clock: &str) -> bool {
    // The sixtieth second is a leap second.
    digits(clock, "00:00:00", ':').is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second <= 60)
}

fn is_zone(zone: &str) -> bool {
    let offset = zone.strip_prefix(['+', '-']);
    matches!(zone, "Z" | "z")
        || offset.and_then(|offset| digits(offset, "00:00", ':')).is_some_and(|[hour, minute]| hour < 24 && minute < 60)
}

/// The numbers of a text that has digits where its form has `0` and is equal to it elsewhere.
fn digits<const N: usize>(text: &str, form: &str, between: char) -> Option<[u32; N]> {
    let fits = |(char, form): (u8, u8)| if form == b'0' { char.is_ascii_digit() } else { char == form };
    let numbers: Vec<u32> = text.split(between).filter_map(|number| number.parse().ok()).collect();
    (text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)).then(|| numbers.try_into().ok())?
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The grammar of semver.org, version 2.0.0.
fn is_version(value: &str) -> bool {
    let (rest, build) = value.split_once('+').unwrap_or((value, "0"));
    let (core, pre_release) = rest.split_once('-').unwrap_or((rest, "0"));
    let numbers: Vec<&str> = core.split('.').collect();
    let has_no_zero_first = |number: &str| number == "0" || !number.starts_with('0');
    let is_identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    numbers.len() == 3
        && numbers.iter().all(|number| is_number(number) && has_no_zero_first(number))
        && pre_release.split('.').all(|part| is_identifier(part) && (!is_number(part) || has_no_zero_first(part)))
        && build.split('.').all(is_identifier)
}

/// `URI` of RFC 3986, with a host where the scheme asks for one.
fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_web = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https");
    let Some(authority) = rest.strip_prefix("//") else { return is_scheme && !is_web && has_url_signs(rest) };
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let (authority, path) = authority.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, port),
        None => (host, ""),
    };
    let is_address = host.starts_with('[') && host.ends_with(']');
    is_scheme
        && !(is_web && host.is_empty())
        && (port.is_empty() || is_number(port))
        && (is_address || !host.contains(['[', ']', ':']))
        && has_url_signs(host.trim_start_matches('[').trim_end_matches(']'))
        && has_url_signs(path)
}

/// Whether all signs may stand in a URL, `%` with two digits behind it only.
fn has_url_signs(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_escape = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => is_escape(at),
        other => other.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(other),
    })
}

/// `addr-spec` of RFC 5322, without comments and blanks around its parts.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let address = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_local = match quoted {
        Some(text) => text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !text.contains('"'),
        None => local.split('.').all(is_atom),
    };
    let is_domain = match address {
        Some(text) => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:IPv".contains(&byte)),
        None => domain.split('.').all(is_label),
    };
    is_local && is_domain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &str, right: &[&str], wrong: &[&str]) {
        for value in right {
            assert_eq!(fault(value, kind), None, "{value}");
        }
        for value in wrong {
            assert!(fault(value, kind).is_some(), "{value}");
        }
    }

    #[test]
    fn times() {
        let right = [
            "2024-01-01T00:00:00Z",
            "2024-02-29t23:59:60.123z",
            "2000-02-29T00:00:00+14:00",
            "2024-12-31T12:00:00-00:30",
        ];
        let wrong = [
            "2024-01-01",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00Z",
            "2024-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:61Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00Zx",
            "+024-01-01T00:00:00Z",
            "24-01-01T00:00:00Z",
        ];
        check("rfc3339", &right, &wrong);
    }

    #[test]
    fn versions() {
        let right = ["1.0.0", "0.10.0-alpha.1", "1.0.0-0a.--", "1.0.0+01.a", "1.0.0-a+b-c", "99999999999999999999.0.0"];
        let wrong =
            ["v1.0.0", "1.0", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0-a_b", "-1.0.0"];
        check("semver", &right, &wrong);
    }

    #[test]
    fn urls() {
        let right = [
            "https://a.example/b?c=d#e",
            "http://user@a.example:80",
            "HTTP://[::1]:80/x",
            "file:///a",
            "mailto:a@b.example",
            "urn:x:y",
            "ssh://git@a.example/b",
            "http://a.example/%20",
        ];
        let wrong = [
            "a.example",
            "//a.example",
            "git@a.example:b/c",
            "http:a",
            "http://",
            "http:///a",
            "http://a b",
            "http://a:x",
            "http://a/%zz",
            "http://a/{x}",
            "1http://a",
            "http://\u{e4}.example",
            "http://a:b:c",
        ];
        check("url", &right, &wrong);
    }

    #[test]
    fn addresses() {
        let right = ["a@b.example", "a.b+c@localhost", "\"a b\"@c.example", "a@[192.0.2.1]", "o'x_y@a-b.example"];
        let wrong = [
            "a",
            "@b",
            "a@",
            "a..b@c",
            ".a@b",
            "a b@c",
            "A <a@b.example>",
            "a@-b",
            "a@b..c",
            "a@b.",
            "a@b,c@d",
            "a@b@c",
            "mailto:a@b",
            "a@[]",
        ];
        check("email", &right, &wrong);
    }

    #[test]
    fn hashes_and_licenses() {
        let long = "a".repeat(40);
        check("hash", &["1234567", &long], &["123456", "12345678", "ABCDEF0", "g234567", &"a".repeat(64)]);
        let right = ["MIT", "MIT OR (Apache-2.0 AND BSD-3-Clause)", "GPL-2.0-only WITH Classpath-exception-2.0"];
        let wrong = ["mit", "Apache 2.0", "MIT/Apache-2.0", "Proprietary", "MIT OR", "(MIT", "GPL-2.0"];
        check("spdx", &right, &wrong);
        check("spdx", &["LicenseRef-Acme", "Apache-2.0+"], &["MIT WITH MIT"]);
    }

    #[test]
    fn any_text_is_a_text() {
        check("text", &["a", "$"], &[]);
    }
}
