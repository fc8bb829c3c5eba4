//! What a scalar means to Kubernetes: the rules of sigs.k8s.io/yaml, which reads YAML with go-yaml v2 (YAML 1.1) and
//! hands on JSON. So `yes`, `on` and `y` are booleans, `0644` is 420 and `1.0` is 1, while dates stay strings and
//! sexagesimal numbers do not exist.

use std::borrow::Cow;

use super::super::kind;

/// A scalar as Kubernetes reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar<'a> {
    /// One of the scalar numbers of [`kind`].
    pub(super) kind: u8,
    /// The string itself; for anything else its JSON text (infinities and NaN, which JSON lacks, as YAML writes them).
    pub(super) value: Cow<'a, str>,
}

/// How a scalar is written, as far as its meaning depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Plain, without a tag.
    Plain,
    /// Quoted or a block, or with a tag that makes it a string.
    Text,
    /// With one of the tags `!!int`, `!!float`, `!!bool` and `!!null`, whatever its quotes.
    Tagged,
}

/// Reads a scalar.
pub(super) fn scalar(text: Cow<'_, str>, form: Form) -> Scalar<'_> {
    if form == Form::Text {
        return Scalar { kind: kind::STRING, value: text };
    }
    match special(&text) {
        Some((kind, value)) => Scalar { kind, value },
        None => Scalar { kind: kind::STRING, value: text },
    }
}

/// The text of a mapping key, which JSON needs to be a string; `None` for null, which Kubernetes refuses.
pub(super) fn key(text: Cow<'_, str>, form: Form) -> Option<Cow<'_, str>> {
    if form == Form::Text {
        return Some(text);
    }
    match special(&text) {
        None => Some(text),
        Some((kind::NULL, _)) => None,
        Some((_, value)) => Some(value),
    }
}

/// What is not a string. The first byte decides nearly always that there is nothing to look for.
fn special(text: &str) -> Option<(u8, Cow<'static, str>)> {
    let Some(&first) = text.as_bytes().first() else {
        return Some((kind::NULL, Cow::Borrowed("null")));
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        _ => None,
    }
}

fn word(text: &str) -> Option<(u8, Cow<'static, str>)> {
    if text.len() > 5 {
        return None;
    }
    let (kind, value) = match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => (kind::BOOLEAN, "true"),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            (kind::BOOLEAN, "false")
        }
        "~" | "null" | "Null" | "NULL" => (kind::NULL, "null"),
        _ => return None,
    };
    Some((kind, Cow::Borrowed(value)))
}

fn number(text: &str) -> Option<(u8, Cow<'static, str>)> {
    let infinite = match text {
        ".nan" | ".NaN" | ".NAN" => Some(".nan"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(".inf"),
        "-.inf" | "-.Inf" | "-.INF" => Some("-.inf"),
        _ => None,
    };
    if let Some(value) = infinite {
        return Some((kind::FLOAT, Cow::Borrowed(value)));
    }
    if text.starts_with('.') {
        return float(text);
    }
    let digits: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    if let Some(integer) = integer(&digits) {
        return Some((kind::INTEGER, Cow::Owned(integer.to_string())));
    }
    float(&digits)
}

/// An integer as Go's `strconv` reads it with base 0: a leading `0` is octal. At most 64 bits.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let bytes = digits.as_bytes();
    let (base, digits) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    // Rust's own reader takes a sign here.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, base).ok()?);
    let value = if negative { -magnitude } else { magnitude };
    (value >= i128::from(i64::MIN)).then_some(value)
}

/// A decimal with a point, an exponent or too many digits for 64 bits.
fn float(text: &str) -> Option<(u8, Cow<'static, str>)> {
    if !is_decimal(text.as_bytes()) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    if !value.is_finite() {
        return None;
    }
    let json = json_number(value);
    // JSON has one kind of number: what has no fraction arrives as an integer.
    let kind = if json.parse::<i64>().is_ok() { kind::INTEGER } else { kind::FLOAT };
    Some((kind, Cow::Owned(json)))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let whole = digits(rest);
    rest = &rest[whole..];
    if let [b'.', after @ ..] = rest {
        let fraction = digits(after);
        if whole + fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] => {
            !power.is_empty() && digits(power) == power.len()
        }
        _ => false,
    }
}

/// A number as Go's `encoding/json` writes it.
fn json_number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        return if text.contains("e-") { text } else { text.replace('e', "e+") };
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> (u8, String) {
        let Scalar { kind, value } = scalar(text.into(), Form::Plain);
        (kind, value.into_owned())
    }

    #[test]
    fn what_only_resembles_another_kind_stays_a_string() {
        for text in [
            "yEs",
            "truE",
            "nil",
            "none",
            "oN",
            "1:30",
            "190:20:30",
            "2001-01-01",
            "2001-12-14t21:59:43.10-05:00",
            "1.2.3",
            "0x",
            "0xg",
            "0b2",
            "0o8",
            "1e",
            "e5",
            "+",
            "-",
            "--1",
            "+-1",
            "0x+1",
            ".",
            "-.",
            "...",
            ".e5",
            "1e999",
            "10m",
            "1Gi",
            "inf",
            "nan",
            ".iNf",
            "<<",
            "null ",
            "v1",
            "-b_c",
            "50cent_of_dollar",
        ] {
            assert_eq!(plain(text), (kind::STRING, text.to_owned()));
        }
    }

    #[test]
    fn yaml_1_1_words_are_booleans_and_nulls() {
        for text in ["y", "Y", "yes", "YES", "on", "On", "TRUE", "true"] {
            assert_eq!(plain(text), (kind::BOOLEAN, "true".to_owned()));
        }
        for text in ["n", "N", "no", "NO", "off", "Off", "FALSE", "false"] {
            assert_eq!(plain(text), (kind::BOOLEAN, "false".to_owned()));
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), (kind::NULL, "null".to_owned()));
        }
    }

    #[test]
    fn integers_take_every_base_of_go() {
        for (text, value) in [
            ("0", "0"),
            ("-0", "0"),
            ("+685_230", "685230"),
            ("02472256", "685230"),
            ("0644", "420"),
            ("0o14", "12"),
            ("0x_0A_74_AE", "685230"),
            ("-0x1F", "-31"),
            ("0b1010_0111_0100_1010_1110", "685230"),
            ("-0b101010", "-42"),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            assert_eq!(plain(text), (kind::INTEGER, value.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_float_without_a_fraction_arrives_as_an_integer() {
        for (text, value) in [("1.0", "1"), ("1e3", "1000"), ("08", "8"), ("685.230_15e+03", "685230.15"), ("1.", "1")]
        {
            assert_eq!(plain(text).1, value, "{text}");
        }
        assert_eq!(plain("1.0").0, kind::INTEGER);
        assert_eq!(plain("685_230.15").0, kind::FLOAT);
    }

    #[test]
    fn floats_are_written_as_go_writes_json() {
        for (text, value) in [
            (".1", "0.1"),
            ("-.5", "-0.5"),
            ("1e-7", "1e-7"),
            ("1e21", "1e+21"),
            ("99999999999999999999", "100000000000000000000"),
            ("-.Inf", "-.inf"),
            (".NaN", ".nan"),
        ] {
            assert_eq!(plain(text), (kind::FLOAT, value.to_owned()), "{text}");
        }
    }

    #[test]
    fn keys_become_text_and_null_is_none() {
        assert_eq!(key("on".into(), Form::Plain).as_deref(), Some("true"));
        assert_eq!(key("on".into(), Form::Text).as_deref(), Some("on"));
        assert_eq!(key("0644".into(), Form::Plain).as_deref(), Some("420"));
        assert_eq!(key("~".into(), Form::Plain), None);
    }
}
