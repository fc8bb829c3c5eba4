//! What the build context leaves out: patterns of `.dockerignore`, as Docker matches them.

use hullmark_sdk::IgnoreFile;

/// The patterns of a file, in order.
#[derive(Debug)]
pub(crate) struct Patterns {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    /// Whether it brings back what an earlier one leaves out.
    is_exception: bool,
    components: Vec<String>,
}

impl Patterns {
    /// Reads the file: one pattern a line, `#` begins a comment, `!` an exception.
    pub(crate) fn of(file: &IgnoreFile) -> Self {
        let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
        Self { patterns: text.lines().filter_map(Pattern::of).collect() }
    }

    /// Whether nothing of a path, or of what lies below it, is in the build context. The context itself is `.`.
    pub(crate) fn leave_out(&self, path: &str) -> bool {
        let path = components(path);
        if path.is_empty() {
            let is_everything = |pattern: &Pattern| pattern.components.iter().all(|part| part == "*" || part == "**");
            return self.patterns.iter().any(is_everything)
                && !self.patterns.iter().any(|pattern| pattern.is_exception);
        }
        let mut left_out = false;
        for pattern in &self.patterns {
            if pattern.is_exception {
                left_out &= !pattern.meets(&path);
            } else {
                left_out |= (1..=path.len()).any(|end| matches(&pattern.components, &path[..end]));
            }
        }
        left_out
    }
}

impl Pattern {
    fn of(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let line = line.trim();
        let (text, is_exception) = line.strip_prefix('!').map_or((line, false), |rest| (rest.trim(), true));
        let components: Vec<String> = components(text).into_iter().map(str::to_owned).collect();
        (!components.is_empty()).then_some(Self { is_exception, components })
    }

    /// Whether it may match the path, one of its parents, or something below it.
    fn meets(&self, path: &[&str]) -> bool {
        let both = self.components.len().min(path.len());
        self.components.iter().take(both).any(|part| part == "**")
            || self.components.iter().zip(path).all(|(part, name)| matches_name(part, name))
    }
}

/// The components of a path or pattern, cleaned as Go cleans paths.
fn components(path: &str) -> Vec<&str> {
    let mut clean = Vec::new();
    for part in path.split(['/']).filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    clean
}

/// Whether a pattern matches a path as a whole; `**` stands for any number of components.
fn matches(pattern: &[String], path: &[&str]) -> bool {
    // Which beginnings of the path the pattern's parts so far match.
    let mut ends = vec![false; path.len() + 1];
    ends[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        for end in 0..=path.len() {
            next[end] = if part == "**" {
                ends[..=end].contains(&true)
            } else {
                end > 0 && ends[end - 1] && matches_name(part, path[end - 1])
            };
        }
        ends = next;
    }
    ends[path.len()]
}

/// Whether a pattern of one component matches a name: `*`, `?`, `[a-z]` and escapes, as in Go's `path.Match`; what is no
/// pattern matches nothing.
fn matches_name(pattern: &str, name: &str) -> bool {
    let Some(tokens) = tokens(pattern) else { return false };
    let name: Vec<char> = name.chars().collect();
    let mut ends = vec![false; name.len() + 1];
    ends[0] = true;
    for token in &tokens {
        let mut next = vec![false; name.len() + 1];
        for end in 0..=name.len() {
            next[end] = match token {
                Token::Star => ends[..=end].contains(&true),
                Token::One(class) => end > 0 && ends[end - 1] && class.holds(name[end - 1]),
            };
        }
        ends = next;
    }
    ends[name.len()]
}

enum Token {
    Star,
    One(Class),
}

/// Characters that one place may hold.
enum Class {
    Any,
    Ranges { negated: bool, ranges: Vec<(char, char)> },
}

impl Class {
    fn holds(&self, char: char) -> bool {
        match self {
            Self::Any => true,
            Self::Ranges { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&char)) != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        tokens.push(match char {
            '*' => Token::Star,
            '?' => Token::One(Class::Any),
            '[' => Token::One(class(&mut chars)?),
            '\\' => literal(chars.next()?),
            other => literal(other),
        });
    }
    Some(tokens)
}

fn literal(char: char) -> Token {
    Token::One(Class::Ranges { negated: false, ranges: vec![(char, char)] })
}

/// The rest of `[…]`.
fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Class> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let low = match chars.next()? {
            ']' if !ranges.is_empty() => return Some(Class::Ranges { negated, ranges }),
            '\\' => chars.next()?,
            low => low,
        };
        let high = if chars.next_if_eq(&'-').is_some() { chars.next()? } else { low };
        ranges.push((low, high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(text: &str, path: &str) -> bool {
        Patterns::of(&IgnoreFile { path: ".dockerignore".to_owned(), text: text.to_owned() }).leave_out(path)
    }

    #[test]
    fn a_pattern_begins_at_the_context() {
        assert!(!left_out("dist\n# src\n\n", "src"));
        assert!(!left_out("dist\n", "web/dist"));
        assert!(!left_out("*/dist\n", "dist"));
        assert!(!left_out("*.log\n", "a/b.log"));
        assert!(!left_out("dist?\n", "dist"));
        assert!(!left_out("dist/\n", "distribution"));
    }

    #[test]
    fn what_lies_below_is_left_out_too() {
        assert!(left_out("/dist/\n", "./dist/app.js"));
        assert!(left_out("**/node_modules\r\n", "a/b/node_modules/c"));
        assert!(left_out("**/*.log\n", "a.log"));
        assert!(left_out("a/**\n", "a/b/c"));
        assert!(left_out("[a-c]x\n", "bx"));
        assert!(!left_out("[^a-c]x\n", "bx"));
    }

    #[test]
    fn exceptions_bring_back_and_later_patterns_take_away() {
        assert!(!left_out("**\n!Dockerfile\n", "Dockerfile"));
        assert!(!left_out("dist\n!dist/app\n", "dist"));
        assert!(!left_out("*\n!**/*.go\n", "src"));
        assert!(left_out("dist\n!dist/app\n", "dist/web"));
        assert!(left_out("!a\na\n", "a"));
        assert!(!left_out("dist\n!dist\n", "dist/web"));
    }

    #[test]
    fn the_context_is_left_out_only_as_a_whole() {
        assert!(left_out("*\n", "."));
        assert!(left_out("**/*\n", "/"));
        assert!(!left_out(".*\n", "."));
        assert!(!left_out("*\n!a\n", "."));
    }
}
