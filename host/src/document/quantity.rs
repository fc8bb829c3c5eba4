//! Kubernetes quantities: `500m`, `1.5Gi`, `2e3`. Nothing here knows which fields hold one.
//!
//! Follows `ParseQuantity` of <https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go>.

use thiserror::Error;

/// Nanos in a unit.
const NANOS: u128 = 1_000_000_000;
/// Decimal places that are kept.
const PLACES: i64 = 9;
/// Digits before the point beyond which every value is capped.
const UNIT_DIGITS: i64 = 20;

/// `units + nanos / 10^9`, both of the same sign; the fields are those of `quantity` in the plugin interface. The unit is
/// that of the field: bytes, cores, pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// The whole part.
    pub units: i64,
    /// The rest, in billionths.
    pub nanos: i32,
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// There is no text.
    #[error("the quantity is empty; write a number, such as `500m` or `128Mi`")]
    Empty,
    /// There is no number before the suffix.
    #[error("`{0}` does not begin with a number")]
    NoNumber(String),
    /// An exponent without a whole number.
    #[error("`{0}` is no exponent; write a whole number after the `e`, as in `1e3`")]
    Exponent(String),
    /// A suffix that Kubernetes does not know, with the ones that may be meant.
    #[error("`{suffix}` is no suffix of a quantity; {}", advice(.number, .meant))]
    Suffix {
        /// The number before it, as written.
        number: String,
        /// The suffix as written.
        suffix: String,
        /// Suffixes that may be meant instead.
        meant: &'static [&'static str],
    },
}

fn advice(number: &str, meant: &[&str]) -> String {
    match meant {
        [] => "use one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or none".to_owned(),
        meant => {
            let meant: Vec<_> = meant.iter().map(|suffix| format!("`{number}{suffix}`")).collect();
            format!("did you mean {}?", meant.join(" or "))
        }
    }
}

/// By what the number is multiplied.
enum Scale {
    /// A power of ten.
    Ten(i64),
    /// A power of two.
    Two(u32),
}

impl Quantity {
    /// Reads a quantity. As in Kubernetes, what is finer than a nano is rounded away from zero, a missing number counts
    /// as zero (`m` is `0m`), and spaces around the text do not count. What exceeds the range of `units` is capped.
    ///
    /// # Errors
    /// When the text is no quantity; the error says what to write.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(QuantityError::Empty);
        }
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, rest) = split_digits(unsigned);
        let (fraction, suffix) = rest.strip_prefix('.').map_or(("", rest), split_digits);
        let number = &text[..text.len() - suffix.len()];
        let scale = read_suffix(number, suffix)?;
        let whole = whole.trim_start_matches('0');
        if whole.is_empty() && fraction.is_empty() && !number.contains('0') && matches!(scale, Scale::Two(50..)) {
            // Kubernetes lets the number be missing only on its quick way, which the two largest suffixes do not take.
            return Err(QuantityError::NoNumber(text.to_owned()));
        }
        let nanos = match scale {
            Scale::Ten(exponent) => times_power_of_ten(whole, fraction, exponent),
            Scale::Two(exponent) => times_power_of_two(whole, fraction, exponent),
        };
        Ok(Self::from_nanos(nanos, negative))
    }

    fn from_nanos(nanos: u128, negative: bool) -> Self {
        let nanos = nanos.min(i64::MAX as u128 * NANOS);
        let units = (nanos / NANOS) as i64;
        let nanos = (nanos % NANOS) as i32;
        if negative { Self { units: -units, nanos: -nanos } } else { Self { units, nanos } }
    }
}

/// The ASCII digits at the beginning, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(digits)
}

fn read_suffix(number: &str, suffix: &str) -> Result<Scale, QuantityError> {
    Ok(match suffix {
        "n" => Scale::Ten(-9),
        "u" => Scale::Ten(-6),
        "m" => Scale::Ten(-3),
        "" => Scale::Ten(0),
        "k" => Scale::Ten(3),
        "M" => Scale::Ten(6),
        "G" => Scale::Ten(9),
        "T" => Scale::Ten(12),
        "P" => Scale::Ten(15),
        "E" => Scale::Ten(18),
        "Ki" => Scale::Two(10),
        "Mi" => Scale::Two(20),
        "Gi" => Scale::Two(30),
        "Ti" => Scale::Two(40),
        "Pi" => Scale::Two(50),
        "Ei" => Scale::Two(60),
        _ => return read_exponent(number, suffix),
    })
}

fn read_exponent(number: &str, suffix: &str) -> Result<Scale, QuantityError> {
    let bad = || QuantityError::Exponent(suffix.to_owned());
    match suffix.strip_prefix(['e', 'E']) {
        // Kubernetes keeps the low 32 bits.
        Some(exponent) if exponent.starts_with(['+', '-']) || exponent.starts_with(|c: char| c.is_ascii_digit()) => {
            exponent.parse::<i64>().map(|exponent| Scale::Ten(i64::from(exponent as i32))).map_err(|_| bad())
        }
        Some("") => Err(bad()),
        _ if number.is_empty() => Err(QuantityError::NoNumber(suffix.to_owned())),
        _ => {
            let meant = meant_suffixes(suffix);
            Err(QuantityError::Suffix { number: number.to_owned(), suffix: suffix.to_owned(), meant })
        }
    }
}

/// What people mean who write another program's suffix.
fn meant_suffixes(suffix: &str) -> &'static [&'static str] {
    match suffix.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => &[""],
        "k" | "kb" => &["k", "Ki"],
        "mb" => &["M", "Mi"],
        "g" | "gb" => &["G", "Gi"],
        "t" | "tb" => &["T", "Ti"],
        "p" | "pb" => &["P", "Pi"],
        "eb" => &["E", "Ei"],
        "ki" | "kib" => &["Ki"],
        "mi" | "mib" => &["Mi"],
        "gi" | "gib" => &["Gi"],
        "ti" | "tib" => &["Ti"],
        "pi" | "pib" => &["Pi"],
        "ei" | "eib" => &["Ei"],
        _ => &[],
    }
}

/// Nanos of `whole.fraction * 10^exponent`, or more than the cap. The whole part has no leading zeros.
fn times_power_of_ten(whole: &str, fraction: &str, exponent: i64) -> u128 {
    let mut digits = whole.bytes().chain(fraction.bytes()).map(|byte| u128::from(byte - b'0')).peekable();
    // How many digits, counted from the first that is not zero, stand before the last place that is kept.
    let mut kept = whole.len() as i64 + exponent + PLACES;
    while digits.next_if_eq(&0).is_some() {
        kept -= 1;
    }
    if digits.peek().is_none() {
        return 0;
    }
    if kept > UNIT_DIGITS + PLACES {
        return u128::MAX;
    }
    let kept = kept.max(0) as usize;
    let nanos = (0..kept).fold(0, |nanos, _| nanos * 10 + digits.next().unwrap_or(0));
    nanos + u128::from(digits.any(|digit| digit != 0))
}

/// Nanos of `whole.fraction * 2^exponent`, or more than the cap. The whole part has no leading zeros.
fn times_power_of_two(whole: &str, fraction: &str, exponent: u32) -> u128 {
    if whole.len() as i64 > UNIT_DIGITS {
        return u128::MAX;
    }
    let factor = 1_u128 << exponent;
    // Multiplied by hand from the last place on; the carry stays below the factor.
    let mut carry = 0;
    let mut places: Vec<u8> = fraction.bytes().rev().map(|byte| multiply_digit(byte, factor, &mut carry)).collect();
    places.reverse();
    let whole = whole.bytes().fold(0, |whole, byte| whole * 10 + u128::from(byte - b'0'));
    let units = (whole * factor + carry).min(u128::from(u64::MAX));
    let (kept, rest) = places.split_at(places.len().min(PLACES as usize));
    let nanos =
        (0..PLACES as usize).fold(units, |nanos, at| nanos * 10 + u128::from(kept.get(at).copied().unwrap_or(0)));
    nanos + u128::from(rest.iter().any(|&digit| digit != 0))
}

fn multiply_digit(byte: u8, factor: u128, carry: &mut u128) -> u8 {
    let product = u128::from(byte - b'0') * factor + *carry;
    *carry = product / 10;
    (product % 10) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (i64, i32) {
        let quantity = Quantity::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        (quantity.units, quantity.nanos)
    }

    fn error(text: &str) -> String {
        Quantity::parse(text).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_kubernetes_refuses_is_an_error() {
        for text in [
            "",
            " ",
            "1.1.M",
            "1+1.0M",
            "0.1mi",
            "0.1am",
            "aoeu",
            ".5i",
            "1i",
            "-3.01i",
            "-3.01e-",
            "1 Mi",
            "1Mib",
            "--1",
            "+-1",
            "1,5",
            "0x10",
            "1e",
            "1e+",
            "1e1.5",
            "1eE",
            "1e99999999999999999999",
            "Pi",
            "-Ei",
            ".Ei",
            "1E3i",
            "∞",
            "1µ",
            "١",
        ] {
            assert!(Quantity::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_say_what_to_write() {
        assert_eq!(error("128MB"), "`MB` is no suffix of a quantity; did you mean `128M` or `128Mi`?");
        assert_eq!(error("1.5g"), "`g` is no suffix of a quantity; did you mean `1.5G` or `1.5Gi`?");
        assert_eq!(error("64mib"), "`mib` is no suffix of a quantity; did you mean `64Mi`?");
        assert_eq!(
            error("2cores"),
            "`cores` is no suffix of a quantity; use one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or none"
        );
        assert_eq!(error("lots"), "`lots` does not begin with a number");
        assert_eq!(error("1e"), "`e` is no exponent; write a whole number after the `e`, as in `1e3`");
        assert!(error("").starts_with("the quantity is empty"));
    }

    #[test]
    fn suffixes_and_exponents_scale() {
        for (text, expected) in [
            ("0", (0, 0)),
            ("-0", (0, 0)),
            ("007", (7, 0)),
            ("+1", (1, 0)),
            ("100m", (0, 100_000_000)),
            ("-1500m", (-1, -500_000_000)),
            ("1n", (0, 1)),
            ("5u", (0, 5_000)),
            ("1k", (1000, 0)),
            ("1.5G", (1_500_000_000, 0)),
            ("1.Mi", (1 << 20, 0)),
            (".5Ki", (512, 0)),
            ("1.5Gi", (3 << 29, 0)),
            ("0.1Ki", (102, 400_000_000)),
            ("1E", (1_000_000_000_000_000_000, 0)),
            ("1E3", (1000, 0)),
            ("1e-3", (0, 1_000_000)),
            ("12e+2", (1200, 0)),
            ("0e999999", (0, 0)),
            ("0.000e2147483647", (0, 0)),
            (" 1Gi ", (1 << 30, 0)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_missing_number_is_zero_as_in_kubernetes() {
        for text in ["-", "+", ".", "m", "Ki", "-Ti", ".Mi", "e3"] {
            assert_eq!(read(text), (0, 0), "{text}");
        }
    }

    #[test]
    fn what_is_finer_than_a_nano_rounds_away_from_zero() {
        assert_eq!(read("0.9n"), (0, 1));
        assert_eq!(read("1.0000000001"), (1, 1));
        assert_eq!(read("-0.0000000001"), (0, -1));
        assert_eq!(read("1e-2000000000"), (0, 1));
        assert_eq!(read("0.00000000000001Ki"), (0, 1));
        assert_eq!(read("1.0000000000000000"), (1, 0));
        assert_eq!(read("999999999.9n"), (1, 0));
    }

    #[test]
    fn what_is_too_large_is_capped() {
        for text in
            ["9223372036854775808", "8Ei", "1e19", "1e2147483647", "99999999999999999999999999999999999999999Ki"]
        {
            assert_eq!(read(text), (i64::MAX, 0), "{text}");
            assert_eq!(read(&format!("-{text}")), (-i64::MAX, 0), "{text}");
        }
        assert_eq!(read("9223372036854775807"), (i64::MAX, 0));
        assert_eq!(read("7.5Ei"), (15 << 59, 0));
    }

    #[test]
    fn quantities_compare_by_their_value() {
        let mut sorted =
            ["1Gi", "-1", "1G", "500m", "-1.5", "0.4", "1000Mi"].map(|text| (Quantity::parse(text).unwrap(), text));
        sorted.sort();
        assert_eq!(sorted.map(|(_, text)| text), ["-1.5", "-1", "0.4", "500m", "1G", "1000Mi", "1Gi"]);
        assert_eq!(Quantity::parse("1000m"), Quantity::parse("1"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn anything_like_a_quantity_is_read_or_refused(text in "[+-]?[0-9]{0,45}[.]?[0-9]{0,45}[a-zA-Z]{0,2}[+-]?[0-9]{0,25}") {
            if let Ok(quantity) = Quantity::parse(&text) {
                prop_assert!(quantity.units.signum() * i64::from(quantity.nanos.signum()) >= 0);
            }
        }

        #[test]
        fn small_numbers_are_exact(units in -1_000_000_i64..1_000_000, power in 0_usize..6) {
            let suffix = ["Ki", "Mi", "Gi", "k", "M", "G"][power];
            let factor = [1 << 10, 1 << 20, 1 << 30, 1000, 1_000_000, 1_000_000_000][power];
            prop_assert_eq!(read(&format!("{units}{suffix}")), (units * factor, 0));
            prop_assert_eq!(read(&format!("{units}m")), (units / 1000, (units % 1000 * 1_000_000) as i32));
        }
    }
}
