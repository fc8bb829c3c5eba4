//! hullmark's own: `# hullmark: ignore[image/latest-tag, DL3008] until 2027-01-31 why`, above an instruction or behind or
//! above a key of a manifest; `# hullmark: ignore-file[…]` for the whole file; and the annotation `hullmark.dev/ignore:
//! image/latest-tag, DL3008 container=web until 2027-01-31 why` of an object or a pod template, each line of its value by
//! itself.
//!
//! Unlike a slip in another tool's form, which may mean something to that tool, one in this form is told.

use super::pragma::{Pragma, Reach, Tool, list_of_names, reason};
use crate::policy::Date;

/// Key of the annotation.
pub(super) const ANNOTATION: &str = "hullmark.dev/ignore";
const SIGN: &str = "hullmark";

/// What a comment, without its sign, says to hullmark, or what is wrong with it; nothing where it says nothing.
pub(super) fn read(comment: &str) -> Option<Result<Pragma<'_>, String>> {
    let sign = comment.get(..SIGN.len()).filter(|sign| sign.eq_ignore_ascii_case(SIGN))?;
    let behind = &comment[SIGN.len()..];
    let order = behind.trim_start_matches([' ', '\t', ':', '-']);
    let end = order.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(order.len());
    let (order, list) = order.split_at(end);
    // "hullmark ignores what …" is a remark.
    let is_meant = behind.starts_with(':') || list.starts_with(['[', '=', '(', ':']);
    if !order.to_ascii_lowercase().starts_with("ignore") || !is_meant {
        return None;
    }
    let is_exact = sign == SIGN && behind.strip_prefix(':').is_some_and(|rest| rest.trim_start().starts_with(order));
    Some(if is_exact { exception(order, list) } else { Err(format!("an exception begins with `{SIGN}:`")) })
}

fn exception<'t>(order: &str, list: &'t str) -> Result<Pragma<'t>, String> {
    let reach = match order {
        "ignore" => Reach::Next,
        "ignore-file" => Reach::File,
        _ => return Err(format!("there is no `{order}`, but `ignore` and `ignore-file`")),
    };
    let list =
        list.strip_prefix('[').ok_or_else(|| format!("the rules are missing: write `{order}[rule, rule] why`"))?;
    let (list, why) = list.split_once(']').ok_or("the list of rules is not closed by `]`")?;
    let pragma = Pragma::new(Tool::Hullmark, reach, list).ok_or("the list names no rule")?;
    if pragma.reason.is_some() {
        return Err("rules are separated by commas, and the reason stands behind the `]`".to_owned());
    }
    let (until, reason) = end_and_reason(why)?;
    Ok(Pragma { until, reason, ..pragma })
}

/// What a line of the annotation says to hullmark, with the container that it is about, or what is wrong with it.
pub(super) fn annotation(line: &str) -> Result<(Option<&str>, Pragma<'_>), String> {
    let pragma = Pragma::new(Tool::Hullmark, Reach::Object, line).ok_or("the annotation names no rule")?;
    let (_, rest) = list_of_names(line);
    let (container, rest) = match rest.strip_prefix("container=") {
        Some(named) => {
            let (container, rest) = named.split_at(named.find(char::is_whitespace).unwrap_or(named.len()));
            (Some(container), rest)
        }
        None => (None, rest),
    };
    let (until, reason) = end_and_reason(rest)?;
    Ok((container, Pragma { until, reason, ..pragma }))
}

/// What stands behind the rules. `until` without a number is the beginning of a reason.
fn end_and_reason(text: &str) -> Result<(Option<Date>, Option<String>), String> {
    let until =
        text.trim_start().strip_prefix("until").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim_start);
    let Some(rest) = until.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) else {
        return Ok((None, reason(text)));
    };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-/.".contains(c)).unwrap_or(rest.len());
    let (day, why) = rest.split_at(end);
    let day = day.trim_end_matches('.');
    let day = day.parse().map_err(|error| format!("there is no day `{day}`: {error}"))?;
    Ok((Some(day), reason(why)))
}

#[cfg(test)]
mod tests {
    use super::super::pragma::Name;
    use super::*;

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "hullmark",
            "hullmark: checked in CI",
            "hullmark ignores what is below",
            "hullmark-action: ignore[image/*]",
            "see hullmark: ignore[image/*]",
            "h\u{fc}llmark: ignore[image/*]",
            "hullmar\u{212a}: ignore[image/*]",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn a_slip_is_told() {
        for (comment, told) in [
            ("hullmark: ignore", "the rules are missing"),
            ("hullmark: ignore=image/*", "the rules are missing"),
            ("hullmark: ignore [image/*]", "the rules are missing"),
            ("hullmark: ignore[]", "names no rule"),
            ("hullmark: ignore[ , ]", "names no rule"),
            ("hullmark: ignore[image/*", "not closed"),
            ("hullmark: ignore[image/* user/*]", "separated by commas"),
            ("hullmark: ignored[image/*]", "there is no `ignored`"),
            ("hullmark: ignore-line[image/*]", "there is no `ignore-line`"),
            ("hullmark ignore[image/*]", "begins with `hullmark:`"),
            ("Hullmark: ignore[image/*]", "begins with `hullmark:`"),
            ("hullmark:: ignore[image/*]", "begins with `hullmark:`"),
            ("hullmark: ignore[image/*] until 2027-02-30 why", "there is no day `2027-02-30`"),
            ("hullmark: ignore[image/*] until 31.1.2027", "there is no day `31.1.2027`"),
        ] {
            let message = read(comment).unwrap().unwrap_err();
            assert!(message.contains(told), "{comment}: {message}");
        }
    }

    #[test]
    fn rules_stand_in_brackets_and_the_reason_behind_them() {
        let pragma = read("hullmark: ignore[image/*, DL3008] we build it nightly: see #12").unwrap().unwrap();
        assert_eq!(pragma.names, [Name::Rule("image/*"), Name::Rule("DL3008")]);
        assert_eq!((pragma.reach, pragma.reason.as_deref()), (Reach::Next, Some("we build it nightly: see #12")));
        let pragma = read("hullmark:ignore-file[*]").unwrap().unwrap();
        assert_eq!((pragma.reach, pragma.reason), (Reach::File, None));
    }

    #[test]
    fn an_end_stands_before_the_reason() {
        let end = |text: &str| {
            let pragma = read(text).unwrap().unwrap();
            (pragma.until, pragma.reason)
        };
        let day = "2027-01-31".parse().ok();
        let why = || Some("why".to_owned());
        assert_eq!(end("hullmark: ignore[a/b] until 2027-01-31"), (day, None));
        for text in ["until 2027-01-31 why", "until 2027-01-31: why", " until\t2027-01-31. why"] {
            assert_eq!(end(&format!("hullmark: ignore[a/b]{text}")), (day, why()), "{text}");
        }
        let until = "until the vendor mends it".to_owned();
        assert_eq!(end(&format!("hullmark: ignore[a/b] {until}")), (None, Some(until)));
    }

    #[test]
    fn an_annotation_may_be_about_one_container() {
        let (container, pragma) = annotation("image/*, DL3008 container=web until 2027-01-31 why").unwrap();
        assert_eq!(pragma.names, [Name::Rule("image/*"), Name::Rule("DL3008")]);
        assert_eq!(
            (container, pragma.until, pragma.reason.as_deref()),
            (Some("web"), "2027-01-31".parse().ok(), Some("why"))
        );
        let (container, pragma) = annotation("image/* in a container=web").unwrap();
        assert_eq!((container, pragma.reason.as_deref()), (None, Some("in a container=web")));
        assert!(annotation(", ,").is_err() && annotation("a/b until 2027").is_err());
    }
}
