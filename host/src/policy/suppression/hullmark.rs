//! hullmark's own: `# hullmark: ignore[image/latest-tag, DL3008] why` above an instruction, or above a key of a manifest or
//! behind it in its line; `# hullmark: ignore-file[…] why` for the whole file.

use super::pragma::{Pragma, Reach, Tool, reason};

/// What a comment, without its sign, says to hullmark.
pub(super) fn read(comment: &str) -> Option<Pragma> {
    let order = comment.strip_prefix("hullmark:")?.trim_start();
    let (reach, rest) = match order.strip_prefix("ignore-file") {
        Some(rest) => (Reach::File, rest),
        None => (Reach::Next, order.strip_prefix("ignore")?),
    };
    let (list, why) = rest.strip_prefix('[')?.split_once(']')?;
    let pragma = Pragma::new(Tool::Hullmark, reach, list)?;
    Some(Pragma { reason: reason(why), ..pragma })
}

#[cfg(test)]
mod tests {
    use super::super::pragma::Name;
    use super::*;

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "hullmark",
            "hullmark: ignore",
            "hullmark: ignore[]",
            "hullmark: ignore[image/*",
            "hullmark: ignore [image/*]",
            "hullmark: ignored[image/*]",
            "hullmark: ignore-line[image/*]",
            "hullmark ignore[image/*]",
            "see hullmark: ignore[image/*]",
        ] {
            assert_eq!(read(comment), None, "{comment}");
        }
    }

    #[test]
    fn rules_stand_in_brackets_and_the_reason_behind_them() {
        let pragma = read("hullmark: ignore[image/*, DL3008] we build it nightly: see #12").unwrap();
        assert_eq!(pragma.names, [Name::Rule("image/*".into()), Name::Rule("DL3008".into())]);
        assert_eq!((pragma.reach, pragma.reason.as_deref()), (Reach::Next, Some("we build it nightly: see #12")));
        let pragma = read("hullmark:ignore-file[*]").unwrap();
        assert_eq!((pragma.reach, pragma.reason), (Reach::File, None));
    }
}
