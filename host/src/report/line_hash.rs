//! GitHub's `primaryLocationLineHash`: the value by which code scanning knows an alert again in a later version of a
//! file. The algorithm is that of `upload-sarif`, which computes the value itself where a file lacks it and warns where
//! the file's own value differs, so it must be met exactly. Nothing else belongs here.

use std::collections::{HashMap, VecDeque};
use std::fmt;

/// Units that go into one hash, counted from the line's first.
const WINDOW: u64 = 100;
/// Base of the polynomial.
const BASE: u64 = 37;
/// Stands for the end of the file.
const END: u16 = 0xFFFF;

/// The hash of one line; its text form is the value in SARIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineHash {
    /// Polynomial over 100 UTF-16 units without blanks and tabs, modulo 2^64.
    pub digest: u64,
    /// How many lines so far have this digest, from 1.
    pub ordinal: u32,
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}:{}", self.digest, self.ordinal)
    }
}

/// The hashes of all lines of a file, in order, in one pass over its bytes. There is one for each line that
/// [`Source`](crate::document::Source) counts, the empty last one included.
#[must_use]
pub fn line_hashes(bytes: &[u8]) -> Vec<LineHash> {
    let mut hasher = Hasher::new();
    for chunk in bytes.utf8_chunks() {
        let mut units = [0; 2];
        for character in chunk.valid().chars() {
            for &unit in character.encode_utf16(&mut units).iter() {
                hasher.read(unit);
            }
        }
        if !chunk.invalid().is_empty() {
            hasher.read(char::REPLACEMENT_CHARACTER as u16);
        }
    }
    hasher.finish()
}

/// A line of which fewer than 100 units are known.
struct Open {
    /// Number of units before the line.
    start: u64,
    /// The polynomial over them.
    prefix: u64,
}

/// Keeps the polynomial over all units so far; a line's hash is the difference between its two ends.
struct Hasher {
    digests: Vec<u64>,
    /// At most 100, since each line has at least one unit.
    open: VecDeque<Open>,
    prefix: u64,
    count: u64,
    /// 37^100.
    shift: u64,
    at_line_start: bool,
    after_return: bool,
}

impl Hasher {
    fn new() -> Self {
        Self {
            digests: Vec::new(),
            open: VecDeque::new(),
            prefix: 0,
            count: 0,
            shift: BASE.wrapping_pow(WINDOW as u32),
            at_line_start: true,
            after_return: false,
        }
    }

    /// Takes a unit of the file: blanks and tabs do not count, and every line end is one `\n`.
    fn read(&mut self, unit: u16) {
        let is = |byte: u8| unit == u16::from(byte);
        if is(b' ') || is(b'\t') || (self.after_return && is(b'\n')) {
            self.after_return = false;
            return;
        }
        self.after_return = is(b'\r');
        let unit = if self.after_return { u16::from(b'\n') } else { unit };
        if self.at_line_start {
            self.open.push_back(Open { start: self.count, prefix: self.prefix });
        }
        self.at_line_start = unit == u16::from(b'\n');
        self.push(unit);
    }

    fn push(&mut self, unit: u16) {
        self.prefix = self.prefix.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.count += 1;
        if self.open.front().is_some_and(|line| self.count - line.start == WINDOW)
            && let Some(line) = self.open.pop_front()
        {
            self.digests.push(self.prefix.wrapping_sub(line.prefix.wrapping_mul(self.shift)));
        }
    }

    fn finish(mut self) -> Vec<LineHash> {
        self.read(END);
        for _ in 0..WINDOW {
            self.push(0);
        }
        let mut seen = HashMap::with_capacity(self.digests.len());
        let number = |digest| {
            let ordinal = seen.entry(digest).and_modify(|count| *count += 1).or_insert(1);
            LineHash { digest, ordinal: *ordinal }
        };
        self.digests.into_iter().map(number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Source;

    fn hashes(bytes: &[u8]) -> Vec<String> {
        line_hashes(bytes).iter().map(ToString::to_string).collect()
    }

    const DOCKERFILE: &[&str] =
        &["b60962884f409029:1", "ce268869956cb085:1", "2c16d4c25c074714:1", "e05b788a61731ed7:1", "c129715d7a2bc9a3:1"];

    #[test]
    fn an_empty_file_has_one_line() {
        assert_eq!(hashes(b""), ["c129715d7a2bc9a3:1"]);
    }

    #[test]
    fn line_ends_and_indentation_do_not_change_a_hash() {
        let lines =
            ["FROM ubuntu:latest", "RUN apt-get update && apt-get install -y curl", "USER root", "CMD [\"bash\"]", ""];
        assert_eq!(hashes(lines.join("\n").as_bytes()), DOCKERFILE);
        assert_eq!(hashes(lines.join("\r\n").as_bytes()), DOCKERFILE);
        assert_eq!(hashes(lines.join("\n\t ").replace(' ', "  ").as_bytes()), DOCKERFILE);
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(
            hashes(b" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        assert_eq!(
            hashes(b"FROM a\rUSER root\rCMD x\r"),
            ["a1ded6e03e44fc15:1", "30be687e25eefef6:1", "1203b4687679db41:1", "c129715d7a2bc9a3:1"]
        );
    }

    #[test]
    fn equal_lines_are_numbered() {
        let text = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let hashes = hashes(text.as_bytes());
        assert_eq!(hashes[..2], ["a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:2"]);
        assert_eq!(hashes[6..8], ["a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1"]);
        assert_eq!(hashes.len(), 11);
    }

    #[test]
    fn the_text_is_read_as_utf16_with_its_bom_and_replaced_bytes() {
        let second = "43f93dba3974e70:1";
        assert_eq!(hashes("RUN echo \"\u{1f433} whale\"\n".as_bytes())[0], "bbec3275b4814fba:1");
        assert_eq!(hashes("\u{feff}FROM alpine\nUSER root\n".as_bytes())[..2], ["dc962e3bea46b976:1", second]);
        assert_eq!(hashes(b"RUN echo \xff\xfe\nUSER root\n")[..2], ["3a115bb9b7f4314c:1", second]);
    }

    #[test]
    fn there_are_as_many_as_the_source_has_lines() {
        for text in ["", "\n", "a", "a\n", "a\r\n\r", "a\r \nb", "\r\r\n\n ", " \t"] {
            let source = Source::new("x", text.into());
            assert_eq!(line_hashes(text.as_bytes()).len(), source.line_count() as usize, "{text:?}");
        }
    }

    #[test]
    fn shared_vectors_agree_where_they_are_present() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/cases/sarif/fingerprints.json");
        let Ok(text) = std::fs::read_to_string(path) else { return };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        for vector in vectors.as_array().unwrap() {
            let input = base64(vector["input_b64"].as_str().unwrap());
            let want: Vec<_> = vector["lines"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            assert_eq!(hashes(&input), want, "{}", vector["name"]);
        }
    }

    fn base64(text: &str) -> Vec<u8> {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut bytes, mut bits, mut held) = (Vec::new(), 0, 0_u32);
        for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|&digit| digit == byte)) {
            held = held << 6 | digit as u32;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits) as u8);
            }
        }
        bytes
    }
}
