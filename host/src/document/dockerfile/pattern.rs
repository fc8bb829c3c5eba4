//! Patterns of `${name#pattern}` and its kin: `*`, `?` and escapes.

/// A pattern that was understood.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
    greedy: bool,
}

/// Matching would need more room than a word deserves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// Any character but a line end.
    Any,
    /// Any number of them.
    Star,
}

/// Most pairs of a place in the pattern and a place in the text that one search may visit.
const MAX_VISITS: usize = 1 << 24;

impl Pattern {
    /// Reads a pattern; `None` where a backslash stands before a character that needs none. `greedy`: `*` takes as
    /// much as it can.
    pub(crate) fn new(text: &str, greedy: bool) -> Option<Self> {
        let mut tokens = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            tokens.push(match char {
                '*' => Token::Star,
                '?' => Token::Any,
                // The end of `${…}` and of its parts is escaped for the lexer's sake, not for the pattern's.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => continue,
                '\\' => Token::Char(chars.next().filter(|next| matches!(next, '*' | '?' | '\\'))?),
                _ => Token::Char(char),
            });
        }
        Some(Self { tokens, greedy })
    }

    /// The text without what the pattern matches at its start.
    pub(crate) fn trim_start(&self, text: &str) -> Result<String, TooLarge> {
        let chars: Vec<char> = text.chars().collect();
        let end = self.search(&chars)?.at(0).unwrap_or(0);
        Ok(chars[end..].iter().collect())
    }

    /// The text without what the pattern matches at its end.
    pub(crate) fn trim_end(&self, text: &str) -> Result<String, TooLarge> {
        let reversed = Self { tokens: self.tokens.iter().rev().copied().collect(), greedy: self.greedy };
        let chars: Vec<char> = text.chars().rev().collect();
        let end = reversed.search(&chars)?.at(0).unwrap_or(0);
        Ok(chars[end..].iter().rev().collect())
    }

    /// The text with its first match replaced.
    pub(crate) fn replace_first(&self, text: &str, replacement: &str) -> Result<String, TooLarge> {
        let chars: Vec<char> = text.chars().collect();
        let mut search = self.search(&chars)?;
        let Some((start, end)) = (0..=chars.len()).find_map(|start| Some((start, search.at(start)?))) else {
            return Ok(text.to_owned());
        };
        let before = chars[..start].iter().copied();
        Ok(before.chain(replacement.chars()).chain(chars[end..].iter().copied()).collect())
    }

    /// The text with all matches replaced, up to `limit` bytes; `$` in the replacement has the meaning that Go's
    /// regular expressions give it.
    pub(crate) fn replace_all(&self, text: &str, replacement: &str, limit: usize) -> Result<String, TooLarge> {
        let chars: Vec<char> = text.chars().collect();
        let mut search = self.search(&chars)?;
        let mut result = String::new();
        let (mut at, mut copied) = (0, 0);
        let mut last_end = None;
        while at <= chars.len() {
            let Some((start, end)) = (at..=chars.len()).find_map(|start| Some((start, search.at(start)?))) else {
                break;
            };
            result.extend(&chars[copied..start]);
            // An empty match right after another one does not count.
            if last_end.is_none_or(|last| end > last) {
                let found: String = chars[start..end].iter().collect();
                fill_template(replacement, &found, &mut result);
            }
            (copied, last_end) = (end, Some(end));
            at = end.max(at + 1);
            if result.len() > limit {
                return Err(TooLarge);
            }
        }
        result.extend(&chars[copied.min(chars.len())..]);
        Ok(result)
    }

    fn search<'p>(&'p self, text: &'p [char]) -> Result<Search<'p>, TooLarge> {
        let visits = (self.tokens.len() + 1).saturating_mul(text.len() + 1);
        if visits > MAX_VISITS {
            return Err(TooLarge);
        }
        Ok(Search { pattern: self, text, failed: vec![false; visits] })
    }
}

/// `$0` is the match, other names are groups that no pattern has, `$$` is a dollar.
fn fill_template(template: &str, found: &str, result: &mut String) {
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        result.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let (body, braced) = rest.strip_prefix('{').map_or((rest, false), |body| (body, true));
        let len = body.find(|char: char| !(char.is_alphanumeric() || char == '_')).unwrap_or(body.len());
        let closed = !braced || body[len..].starts_with('}');
        if len == 0 || !closed {
            result.push('$');
            continue;
        }
        if &body[..len] == "0" {
            result.push_str(found);
        }
        rest = &body[len + usize::from(braced)..];
    }
    result.push_str(rest);
}

/// One search; remembers what led nowhere, so that its time is bounded by pattern times text.
struct Search<'p> {
    pattern: &'p Pattern,
    text: &'p [char],
    failed: Vec<bool>,
}

impl Search<'_> {
    /// Where a match that begins at `start` ends, taking the branches in the order of a regular expression.
    fn at(&mut self, start: usize) -> Option<usize> {
        let mut open = vec![(0, start)];
        while let Some((token, at)) = open.pop() {
            let visit = token * (self.text.len() + 1) + at;
            if std::mem::replace(&mut self.failed[visit], true) {
                continue;
            }
            let Some(&expected) = self.pattern.tokens.get(token) else {
                // The end is no failure: a later search may reach it again.
                self.failed[visit] = false;
                return Some(at);
            };
            let next = self.text.get(at).copied();
            let any = next.is_some_and(|char| char != '\n');
            match expected {
                Token::Char(char) if next == Some(char) => open.push((token + 1, at + 1)),
                Token::Any if any => open.push((token + 1, at + 1)),
                Token::Star if !any => open.push((token + 1, at)),
                Token::Star if self.pattern.greedy => open.extend([(token + 1, at), (token, at + 1)]),
                Token::Star => open.extend([(token, at + 1), (token + 1, at)]),
                Token::Char(_) | Token::Any => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str, greedy: bool) -> Pattern {
        Pattern::new(text, greedy).unwrap()
    }

    #[test]
    fn trimming_is_short_or_long() {
        assert_eq!(pattern("*/", false).trim_start("a/b/c"), Ok("b/c".into()));
        assert_eq!(pattern("*/", true).trim_start("a/b/c"), Ok("c".into()));
        assert_eq!(pattern("/*", false).trim_end("a/b/c"), Ok("a/b".into()));
        assert_eq!(pattern("/*", true).trim_end("a/b/c"), Ok("a".into()));
        assert_eq!(pattern("x", false).trim_start("ab"), Ok("ab".into()));
    }

    #[test]
    fn escapes_are_those_that_a_pattern_needs() {
        assert!(Pattern::new("\\a", false).is_none());
        assert!(Pattern::new("\\", false).is_none());
        assert_eq!(pattern("\\*\\?\\\\\\/", false).trim_start("*?\\/x"), Ok("x".into()));
    }

    #[test]
    fn replacing_counts_empty_matches_as_go_does() {
        assert_eq!(pattern("", true).replace_all("ab", "-", 99), Ok("-a-b-".into()));
        assert_eq!(pattern("a", true).replace_all("aab", "x$$", 99), Ok("x$x$b".into()));
        assert_eq!(pattern("?", true).replace_all("ab", "[$0]$1", 99), Ok("[a][b]".into()));
        assert_eq!(pattern("b", true).replace_first("abb", "$1"), Ok("a$1b".into()));
        assert_eq!(pattern("", true).replace_all(&"a".repeat(100), "b", 50), Err(TooLarge));
    }

    #[test]
    fn many_stars_take_bounded_time() {
        let stars = "*a".repeat(200);
        let text = "a".repeat(150) + "b";
        assert_eq!(pattern(&stars, true).replace_first(&text, ""), Ok(text.clone()));
    }
}
