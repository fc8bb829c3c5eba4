//! Trivy: `# trivy:ignore:AVD-DS-0002` above an instruction; several may stand in one comment, each with the day on which
//! it ends: `# trivy:ignore:DS-0002:exp:2027-01-31`. `*` stands for any characters of an id.
//!
//! Trivy has no way to ignore what it reports without a line, such as a missing HEALTHCHECK. Every finding here has a
//! line, so the comment above that line will do.

use super::pragma::{Name, Pragma, Reach, Tool, reason};

/// What a comment, without its sign, says to Trivy.
pub(super) fn read(comment: &str) -> Vec<Pragma<'_>> {
    let mut pragmas: Vec<Pragma> = Vec::new();
    let mut remark = Vec::new();
    for word in comment.split_whitespace() {
        match pragma(word) {
            Some(pragma) => pragmas.push(pragma),
            // Mentioned in other text, it is no order.
            None if pragmas.is_empty() => return Vec::new(),
            None => remark.push(word),
        }
    }
    let reason = reason(&remark.join(" "));
    pragmas.iter_mut().for_each(|pragma| pragma.reason.clone_from(&reason));
    pragmas
}

/// `trivy:` with pairs of keys and values; those of other languages than Dockerfiles are passed over.
fn pragma(word: &str) -> Option<Pragma<'_>> {
    let word = word.trim_start_matches(['#', '/', '*']);
    let pairs: Vec<&str> = word.strip_prefix("trivy:").or_else(|| word.strip_prefix("tfsec:"))?.split(':').collect();
    let value = |wanted: &str| {
        pairs
            .as_chunks::<2>()
            .0
            .iter()
            .rev()
            .find(|[key, value]| *key == wanted && !value.is_empty())
            .map(|pair| pair[1])
    };
    let id = value("ignore")?.split('[').next().filter(|id| !id.is_empty())?;
    let name = if id.contains('*') {
        let pattern = id.strip_prefix("AVD-").or_else(|| id.strip_prefix("avd-")).unwrap_or(id);
        Name::Pattern(pattern)
    } else {
        Name::Rule(id)
    };
    // A day that is none has passed.
    let until = value("exp").map(|day| day.parse().unwrap_or_default());
    Some(Pragma { tool: Tool::Trivy, names: vec![name], reach: Reach::Next, until, reason: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(comment: &str) -> Vec<Name<'_>> {
        read(comment).into_iter().flat_map(|pragma| pragma.names).collect()
    }

    #[test]
    fn other_comments_are_comments() {
        for comment in [
            "trivy",
            "trivy:ignore",
            "trivy:ignore:",
            "trivy: ignore:DS-0002",
            "trivy:skip:DS-0002",
            "see trivy:ignore:DS-0002",
            "trivyignore:DS-0002",
            "trivy:exp:2027-01-31",
            "trivy:ignore:[a=b]",
        ] {
            assert_eq!(names(comment), [], "{comment}");
        }
    }

    #[test]
    fn an_id_stands_as_it_is_written() {
        for (comment, id) in [
            ("trivy:ignore:DS-0002", "DS-0002"),
            ("trivy:ignore:AVD-DS-0002", "AVD-DS-0002"),
            ("#trivy:ignore:DS002[a=b]:ws:main", "DS002"),
            ("tfsec:ignore:DS-0002 why", "DS-0002"),
        ] {
            assert_eq!(names(comment), [Name::Rule(id)], "{comment}");
        }
        assert_eq!(names("trivy:ignore:*"), [Name::Pattern("*")]);
        assert_eq!(names("trivy:ignore:AVD-DS-00*"), [Name::Pattern("DS-00*")]);
    }

    #[test]
    fn several_share_a_comment_and_its_reason() {
        let pragmas = read("trivy:ignore:DS-0002 trivy:ignore:DS-0026:exp:2027-01-31 -- runs as root by design");
        let until: Vec<_> = pragmas.iter().map(|pragma| pragma.until).collect();
        assert_eq!(until, [None, "2027-01-31".parse().ok()]);
        assert!(pragmas.iter().all(|pragma| pragma.reason.as_deref() == Some("runs as root by design")));
    }

    #[test]
    fn a_day_that_is_none_has_passed() {
        let until = read("trivy:ignore:DS-0002:exp:soon")[0].until;
        assert_eq!(until, Some(crate::policy::Date::default()));
    }
}
