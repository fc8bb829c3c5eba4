//! BuildKit's word processing: quotes and escapes are removed, variables replaced.

use std::collections::BTreeSet;

use super::pattern::{self, Pattern};
use super::{Escape, Extent};

/// What is known of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variable<'v> {
    /// It has this value.
    Value(&'v str),
    /// It has none.
    Unset,
    /// It has a value at build time that the file does not tell.
    Unknown,
}

/// A word after word processing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// The result; a variable without a value stands for the empty text, as in BuildKit.
    pub text: String,
    /// The result split at blanks outside quotes.
    pub words: Vec<SplitWord>,
    /// Names that have a value.
    pub matched: BTreeSet<String>,
    /// Names that have none, even where a default stands in.
    pub unmatched: BTreeSet<String>,
    /// Every `$name` and `${name…}`, in the order in which they begin.
    pub references: Vec<Reference>,
    /// Whether the text depends on a value that is not there.
    pub incomplete: bool,
}

/// A use of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The variable.
    pub name: String,
    /// From `$` to the end of the name or to `}`, in the text that was processed.
    pub extent: Extent,
    /// Whether the form says what holds without a value: `${name:-…}`, `${name:+…}` and the like.
    pub has_default: bool,
}

impl Expansion {
    /// The text, where the file alone determines it.
    #[must_use]
    pub fn complete(&self) -> Option<&str> {
        (!self.incomplete).then_some(self.text.as_str())
    }
}

/// A word that splitting yields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitWord {
    /// Its text.
    pub text: String,
    /// Where it stands in the text that was processed.
    pub extent: Extent,
}

/// Why a word cannot be processed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpandError {
    /// A quote is never closed.
    #[error("unterminated {0} quote")]
    Quote(&'static str),
    /// `${` is never closed.
    #[error("`${{` without `}}`")]
    Brace,
    /// `${}` and the like.
    #[error("bad substitution")]
    Substitution,
    /// `${x=…}` and other modifiers that BuildKit does not know.
    #[error("unsupported modifier `{0}` in a substitution")]
    Modifier(String),
    /// `${x/pattern` without a replacement.
    #[error("missing `/` in a substitution")]
    Slash,
    /// A pattern with an escape that means nothing.
    #[error("invalid pattern `{0}` in a substitution")]
    Pattern(String),
    /// `${x:?message}` without a value.
    #[error("{0}")]
    Required(String),
    /// Nested or grown beyond every sensible word.
    #[error("too large to expand")]
    TooLarge,
}

/// Longest result, in bytes, so that variables that double each other stay harmless.
const MAX_TEXT: usize = 1 << 16;
/// Deepest nesting of `${x:-${y:-…}}`.
const MAX_DEPTH: u32 = 64;

/// Processes `word` as BuildKit does for the instructions whose arguments take variables.
///
/// # Errors
/// Where BuildKit would refuse the word; also for a result above 64 KiB.
pub fn expand<'v>(word: &str, escape: Escape, lookup: impl Fn(&str) -> Variable<'v>) -> Result<Expansion, ExpandError> {
    Lexer::new(word, escape, Keep::default(), &lookup).run()
}

/// Processes the body of a heredoc as BuildKit does for ADD and COPY: quotes are characters like others, and the escape
/// character is a backslash whatever the file says.
///
/// # Errors
/// As for [`expand`].
pub(crate) fn expand_body<'v>(body: &str, lookup: impl Fn(&str) -> Variable<'v>) -> Result<Expansion, ExpandError> {
    let keep = Keep { plain_quotes: true, ..Keep::default() };
    Lexer::new(body, Escape::Backslash, keep, &lookup).run()
}

/// Removes quotes and escapes and leaves variables as they are written; `None` where BuildKit would refuse the word.
#[must_use]
pub fn unquote(word: &str, escape: Escape) -> Option<String> {
    if !word.contains(['\'', '"', '$', '<', escape.char()]) {
        return Some(word.to_owned());
    }
    let keep = Keep { unset: true, ..Keep::default() };
    Lexer::new(word, escape, keep, &|_| Variable::Unset).run().ok().map(|expansion| expansion.text)
}

/// Splits `text` at blanks outside quotes, with a backslash as the escape character; variables stay.
pub(crate) fn split(text: &str, keep: Keep) -> Result<Vec<SplitWord>, ExpandError> {
    let keep = Keep { unset: true, ..keep };
    Lexer::new(text, Escape::Backslash, keep, &|_| Variable::Unset).run().map(|expansion| expansion.words)
}

/// What stays in the result.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keep {
    /// Quotes.
    pub(crate) quotes: bool,
    /// Escape characters.
    pub(crate) escapes: bool,
    /// Variables without a value, as they are written.
    pub(crate) unset: bool,
    /// Quotes, which have no meaning at all.
    pub(crate) plain_quotes: bool,
}

/// The words while they are read.
#[derive(Default)]
struct Words {
    done: Vec<SplitWord>,
    word: SplitWord,
    inside: bool,
}

impl Words {
    /// A character that parts words if it is a blank; it came from `from..to`.
    fn char(&mut self, char: char, from: usize, to: usize) {
        if !char.is_whitespace() {
            self.raw(char.encode_utf8(&mut [0; 4]), from, to);
        } else if self.inside && !self.word.text.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
            self.inside = false;
        }
    }

    /// Text that parts nothing.
    fn raw(&mut self, text: &str, from: usize, to: usize) {
        if self.word.text.is_empty() {
            self.word.extent = Extent::new(from, to);
        }
        self.word.text.push_str(text);
        self.word.extent.end = to as u32;
        self.inside = true;
    }

    fn finish(mut self) -> Vec<SplitWord> {
        if !self.word.text.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}

struct Lexer<'t, 'v> {
    text: &'t str,
    at: usize,
    escape: char,
    keep: Keep,
    lookup: &'t dyn Fn(&str) -> Variable<'v>,
    matched: BTreeSet<String>,
    unmatched: BTreeSet<String>,
    references: Vec<Reference>,
    incomplete: bool,
    depth: u32,
}

impl<'t, 'v> Lexer<'t, 'v> {
    fn new(text: &'t str, escape: Escape, keep: Keep, lookup: &'t dyn Fn(&str) -> Variable<'v>) -> Self {
        let (matched, unmatched) = (BTreeSet::new(), BTreeSet::new());
        let references = Vec::new();
        let escape = escape.char();
        Self { text, at: 0, escape, keep, lookup, matched, unmatched, references, incomplete: false, depth: 0 }
    }

    fn run(mut self) -> Result<Expansion, ExpandError> {
        let (text, words) = self.until(None)?;
        let Self { matched, unmatched, mut references, incomplete, .. } = self;
        references.sort_by_key(|reference| reference.extent.start);
        Ok(Expansion { text, words: words.finish(), matched, unmatched, references, incomplete })
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// Reads up to `stop`, which is consumed, or to the end of the text.
    fn until(&mut self, stop: Option<char>) -> Result<(String, Words), ExpandError> {
        let mut result = String::new();
        let mut words = Words::default();
        while let Some(char) = self.peek() {
            let from = self.at;
            if stop == Some(char) {
                self.next();
                return Ok((result, words));
            }
            match char {
                '\'' if !self.keep.plain_quotes => {
                    let text = self.single_quoted()?;
                    words.raw(&text, from, self.at);
                    result.push_str(&text);
                }
                '"' if !self.keep.plain_quotes => {
                    let text = self.double_quoted()?;
                    words.raw(&text, from, self.at);
                    result.push_str(&text);
                }
                '$' => {
                    let text = self.dollar()?;
                    text.chars().for_each(|char| words.char(char, from, self.at));
                    result.push_str(&text);
                }
                '<' => {
                    let text = self.less_than();
                    words.raw(text, from, self.at);
                    result.push_str(text);
                }
                _ if char == self.escape => self.escaped(&mut result, &mut words),
                _ => {
                    self.next();
                    words.char(char, from, self.at);
                    result.push(char);
                }
            }
            if result.len() > MAX_TEXT && !self.keep.unset {
                return Err(ExpandError::TooLarge);
            }
        }
        if stop.is_some() { Err(ExpandError::Brace) } else { Ok((result, words)) }
    }

    /// An escape character outside quotes: the next character loses its meaning.
    fn escaped(&mut self, result: &mut String, words: &mut Words) {
        let from = self.at;
        self.next();
        if self.keep.escapes {
            result.push(self.escape);
            words.raw(self.escape.encode_utf8(&mut [0; 4]), from, self.at);
        }
        if let Some(char) = self.next() {
            words.raw(char.encode_utf8(&mut [0; 4]), from, self.at);
            result.push(char);
        }
    }

    /// `<`, or `<<` with the blanks after it, so that `<< EOF` is one word.
    fn less_than(&mut self) -> &'t str {
        let from = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while self.peek().is_some_and(char::is_whitespace) {
                self.next();
            }
        }
        &self.text[from..self.at]
    }

    fn single_quoted(&mut self) -> Result<String, ExpandError> {
        let rest = &self.text[self.at + 1..];
        let len = rest.find('\'').ok_or(ExpandError::Quote("single"))?;
        let from = self.at;
        self.at += len + 2;
        let text = if self.keep.quotes { &self.text[from..self.at] } else { &rest[..len] };
        Ok(text.to_owned())
    }

    fn double_quoted(&mut self) -> Result<String, ExpandError> {
        let mut result = String::new();
        self.next();
        if self.keep.quotes {
            result.push('"');
        }
        loop {
            match self.peek().ok_or(ExpandError::Quote("double"))? {
                '"' => {
                    self.next();
                    if self.keep.quotes {
                        result.push('"');
                    }
                    return Ok(result);
                }
                '$' => result.push_str(&self.dollar()?),
                char if char == self.escape => {
                    self.next();
                    if self.keep.escapes {
                        result.push(char);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if matches!(next, '"' | '$') || next == self.escape => {
                            self.next();
                            result.push(next);
                        }
                        Some(_) => result.push(char),
                    }
                }
                char => {
                    self.next();
                    result.push(char);
                }
            }
        }
    }

    /// `$` and what it governs.
    fn dollar(&mut self) -> Result<String, ExpandError> {
        let from = self.at;
        self.next();
        if self.peek() == Some('{') {
            self.next();
            if self.depth >= MAX_DEPTH {
                return Err(ExpandError::TooLarge);
            }
            self.depth += 1;
            let result = self.braced(from);
            self.depth -= 1;
            return result;
        }
        let name = self.name();
        if name.is_empty() {
            return Ok("$".to_owned());
        }
        self.refer(name, from, false);
        let value = self.get(name);
        if self.keep.unset && value.is_none() {
            return Ok(self.text[from..self.at].to_owned());
        }
        Ok(self.or_empty(value).to_owned())
    }

    /// Notes a use of a variable that began at `from` and ends here. `${%}` is none: it has no name, which is never set.
    fn refer(&mut self, name: &str, from: usize, has_default: bool) {
        if name.is_empty() {
            return;
        }
        let extent = Extent::new(from, self.at);
        self.references.push(Reference { name: name.to_owned(), extent, has_default });
    }

    /// The rest of `${…}`.
    fn braced(&mut self, from: usize) -> Result<String, ExpandError> {
        match self.peek() {
            None => return Err(ExpandError::Brace),
            Some('{' | '}' | ':') => return Err(ExpandError::Substitution),
            Some(_) => {}
        }
        let name = self.name();
        let modifier = self.text[self.at..].trim_start_matches(':').chars().next();
        let result = self.modified(name, from)?;
        self.refer(name, from, matches!(modifier, Some('-' | '+')));
        Ok(result)
    }

    /// What follows the name in `${…}`.
    fn modified(&mut self, name: &'t str, from: usize) -> Result<String, ExpandError> {
        let mut modifier = self.next().ok_or(ExpandError::Brace)?;
        if modifier == '}' {
            let value = self.get(name);
            if self.keep.unset && value.is_none() {
                return Ok(self.text[from..self.at].to_owned());
            }
            return Ok(self.or_empty(value).to_owned());
        }
        let null_is_unset = modifier == ':';
        if null_is_unset {
            modifier = self.next().ok_or(ExpandError::Brace)?;
        }
        match modifier {
            '-' | '+' | '?' => self.conditional(name, modifier, null_is_unset),
            '#' | '%' if !null_is_unset => self.trimmed(name, modifier),
            '/' if !null_is_unset => self.replaced(name),
            _ if null_is_unset => Err(ExpandError::Modifier(format!(":{modifier}"))),
            _ => Err(ExpandError::Modifier(modifier.to_string())),
        }
    }

    /// `${name-word}`, `${name+word}`, `${name?word}` and the forms with `:`.
    fn conditional(&mut self, name: &str, modifier: char, null_is_unset: bool) -> Result<String, ExpandError> {
        let before = self.incomplete;
        let word = self.raw_until('}', false)?;
        let with_word = std::mem::replace(&mut self.incomplete, before);
        let colon = if null_is_unset { ":" } else { "" };
        let value = self.get(name);
        if self.keep.unset && value.is_none() {
            return Ok(format!("${{{name}{colon}{modifier}{word}}}"));
        }
        let used = value.filter(|value| !(null_is_unset && value.is_empty()));
        if matches!((modifier, used), ('-', None) | ('+', Some(_))) {
            self.incomplete |= with_word;
            return Ok(word);
        }
        if modifier == '?' && used.is_none() {
            let message = match (word.is_empty(), value) {
                (false, _) => word,
                (true, None) => "is not allowed to be unset".to_owned(),
                (true, Some(_)) => "is not allowed to be empty".to_owned(),
            };
            return Err(ExpandError::Required(format!("{name}: {message}")));
        }
        Ok(if modifier == '+' { String::new() } else { value.unwrap_or_default().to_owned() })
    }

    /// `${name#pattern}`, `${name%pattern}` and the greedy forms.
    fn trimmed(&mut self, name: &str, modifier: char) -> Result<String, ExpandError> {
        let word = self.raw_until('}', true)?;
        let value = self.get(name);
        if self.keep.unset && value.is_none() {
            return Ok(format!("${{{name}{modifier}{word}}}"));
        }
        let value = self.or_empty(value);
        let (written, greedy) = word.strip_prefix(modifier).map_or((word.as_str(), false), |rest| (rest, true));
        let pattern = Pattern::new(written, greedy).ok_or_else(|| ExpandError::Pattern(written.to_owned()))?;
        let trimmed = if modifier == '#' { pattern.trim_start(value) } else { pattern.trim_end(value) };
        trimmed.map_err(|pattern::TooLarge| ExpandError::TooLarge)
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`.
    fn replaced(&mut self, name: &str) -> Result<String, ExpandError> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let written = self.raw_until('/', true).map_err(|error| match error {
            ExpandError::Brace => ExpandError::Slash,
            other => other,
        })?;
        let replacement = self.raw_until('}', true)?;
        let value = self.get(name);
        if self.keep.unset && value.is_none() {
            return Ok(format!("${{{name}/{}{written}/{replacement}}}", if all { "/" } else { "" }));
        }
        let value = self.or_empty(value);
        let pattern = Pattern::new(&written, true).ok_or(ExpandError::Pattern(written))?;
        let replaced = if all {
            pattern.replace_all(value, &replacement, MAX_TEXT)
        } else {
            pattern.replace_first(value, &replacement)
        };
        replaced.map_err(|pattern::TooLarge| ExpandError::TooLarge)
    }

    /// The word of a modifier, with escapes kept or not.
    fn raw_until(&mut self, stop: char, escapes: bool) -> Result<String, ExpandError> {
        let before = std::mem::replace(&mut self.keep.escapes, escapes);
        let result = self.until(Some(stop));
        self.keep.escapes = before;
        result.map(|(word, _)| word)
    }

    /// A name; empty if none stands here. One that begins with a digit takes digits only, and some signs are names.
    fn name(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let digit = |char: char| char.is_ascii_digit() || (!char.is_ascii() && char.is_numeric());
        let len = match rest.chars().next() {
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            Some(first) if digit(first) => rest.find(|char| !digit(char)).unwrap_or(rest.len()),
            _ => rest.find(|char: char| !(char.is_alphabetic() || digit(char) || char == '_')).unwrap_or(rest.len()),
        };
        self.at += len;
        &rest[..len]
    }

    fn get(&mut self, name: &str) -> Option<&'v str> {
        match (self.lookup)(name) {
            Variable::Value(value) => {
                self.matched.insert(name.to_owned());
                Some(value)
            }
            unset => {
                self.unmatched.insert(name.to_owned());
                self.incomplete |= unset == Variable::Unknown;
                None
            }
        }
    }

    /// A value that the text needs.
    fn or_empty(&mut self, value: Option<&'v str>) -> &'v str {
        self.incomplete |= value.is_none();
        value.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENV: [(&str, &str); 4] = [("A", "aa"), ("EMPTY", ""), ("PATH", "/x/y/z"), ("SPACE", "b  c")];

    fn lookup(name: &str) -> Variable<'static> {
        if name == "TARGETARCH" {
            return Variable::Unknown;
        }
        ENV.iter().find(|(key, _)| *key == name).map_or(Variable::Unset, |(_, value)| Variable::Value(value))
    }

    fn text(word: &str) -> Option<String> {
        expand(word, Escape::Backslash, lookup).ok().map(|expansion| expansion.text)
    }

    fn complete(word: &str) -> Option<String> {
        expand(word, Escape::Backslash, lookup).ok()?.complete().map(str::to_owned)
    }

    #[test]
    fn every_form_of_substitution_is_known() {
        for (word, expected) in [
            ("$A-${A}", "aa-aa"),
            ("${A:-x}${B:-x}${B-x}${EMPTY:-x}${EMPTY-x}", "aaxxx"),
            ("${A:+x}${B:+x}${EMPTY:+x}${EMPTY+y}", "xy"),
            ("${A:?no}${EMPTY?no}", "aa"),
            ("${PATH#*/}:${PATH##*/}:${PATH%/*}:${PATH%%/*}", "x/y/z:z:/x/y:"),
            ("${PATH/\\//.}:${PATH//\\//.}", ".x/y/z:.x.y.z"),
            ("${B:-${A:+${PATH}}}", "/x/y/z"),
            ("$. $", "$. $"),
            ("$12x$@", "x"),
        ] {
            assert_eq!(text(word).as_deref(), Some(expected), "{word}");
        }
    }

    #[test]
    fn what_buildkit_refuses_is_refused() {
        for word in [
            "${", "${}", "${A", "${A:-x", "${A=x}", "${A:=x}", "${A:#x}", "${A:}", "'a", "\"a", "${B?}", "${A//x}",
            "${A#\\x}",
        ] {
            assert_eq!(text(word), None, "{word}");
        }
    }

    #[test]
    fn quotes_and_escapes_are_removed() {
        assert_eq!(text(r#"'$A'"$A\$A\x"\$A\'"#).as_deref(), Some(r"$Aaa$A\x$A'"));
        assert_eq!(expand("`$A", Escape::Backtick, lookup).ok().map(|found| found.text).as_deref(), Some("$A"));
        assert_eq!(unquote("'a b'\"$A ${B:-c}\"", Escape::Backslash).as_deref(), Some("a b$A ${B:-c}"));
        assert_eq!(unquote("\"a", Escape::Backslash), None);
    }

    #[test]
    fn an_unknown_value_is_never_guessed() {
        assert_eq!(complete("x-$TARGETARCH"), None);
        assert_eq!(complete("x-${TARGETARCH:-amd64}"), None);
        assert_eq!(complete("${B}"), None);
        assert_eq!(complete("${B:-c}"), Some("c".into()));
        assert_eq!(complete("${A:-$B}"), Some("aa".into()), "the default is not used");
        assert_eq!(complete("${B:-$C}"), None);
        assert_eq!(complete("${B:+$C}"), Some(String::new()));
    }

    #[test]
    fn names_are_told_apart() {
        let found = expand("$A ${B:-x}", Escape::Backslash, lookup).unwrap();
        assert_eq!(found.matched.into_iter().collect::<Vec<_>>(), ["A"]);
        assert_eq!(found.unmatched.into_iter().collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn words_part_after_expansion_and_know_their_place() {
        let found = expand("a$SPACE \"$SPACE\" '' << EOF", Escape::Backslash, lookup).unwrap();
        let words: Vec<_> = found.words.iter().map(|word| (word.text.as_str(), word.extent.start)).collect();
        assert_eq!(words, [("ab", 0), ("c", 1), ("b  c", 8), ("<< EOF", 20)]);
    }

    #[test]
    fn growth_and_depth_are_bounded() {
        let long = "x".repeat(40_000);
        let value = |_: &str| Variable::Value(long.as_str());
        assert_eq!(expand("$A$A", Escape::Backslash, value), Err(ExpandError::TooLarge));
        let deep = "${A:-".repeat(10_000);
        assert_eq!(expand(&deep, Escape::Backslash, lookup), Err(ExpandError::TooLarge));
    }
}
