//! What comments and annotations of all forms have in common: names of rules, how far they reach, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::policy::{Date, listed};

/// What one comment or annotation says, before it is known what stands around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pragma<'t> {
    /// The tool that it is written for.
    pub(super) tool: Tool,
    /// Whose findings. Those of a comment are parts of its text, so that their places can be told.
    pub(super) names: Vec<Name<'t>>,
    /// Where.
    pub(super) reach: Reach,
    /// The first day on which it holds no more.
    pub(super) until: Option<Date>,
    /// What stands behind the names.
    pub(super) reason: Option<String>,
}

impl<'t> Pragma<'t> {
    /// What a list of names says; nothing where it names nothing.
    pub(super) fn new(tool: Tool, reach: Reach, list: &'t str) -> Option<Self> {
        let (names, rest) = list_of_names(list);
        let names: Vec<Name> = names.into_iter().map(Name::Rule).collect();
        (!names.is_empty()).then_some(Self { tool, names, reach, until: None, reason: reason(rest) })
    }
}

/// Checks of the tools whose ids have no form of their own, as their policies list them.
static CHECKS: LazyLock<BTreeMap<&'static str, BTreeSet<String>>> = LazyLock::new(|| {
    let of = |tool: Tool| (tool.as_str(), listed(tool.as_str()).into_iter().collect::<BTreeSet<_>>());
    BTreeMap::from([Tool::KubeLinter, Tool::KubeScore, Tool::Polaris].map(of))
});

/// Whose comments and annotations are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `# check=`.
    BuildKit,
    /// `# checkov:skip=`, and `checkov.io/skip1`.
    Checkov,
    /// `# hadolint ignore=`.
    Hadolint,
    /// `# hullmark: ignore[…]`, and `hullmark.dev/ignore`.
    Hullmark,
    /// `ignore-check.kube-linter.io/…`.
    KubeLinter,
    /// `kube-score/ignore`.
    KubeScore,
    /// `polaris.fairwinds.com/exempt`.
    Polaris,
    /// `# trivy:ignore:`.
    Trivy,
}

impl Tool {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::BuildKit,
        Self::Checkov,
        Self::Hadolint,
        Self::Hullmark,
        Self::KubeLinter,
        Self::KubeScore,
        Self::Polaris,
        Self::Trivy,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BuildKit => "buildkit",
            Self::Checkov => "checkov",
            Self::Hadolint => "hadolint",
            Self::Hullmark => "hullmark",
            Self::KubeLinter => "kube-linter",
            Self::KubeScore => "kube-score",
            Self::Polaris => "polaris",
            Self::Trivy => "trivy",
        }
    }

    /// Whether an id is one of the tool.
    pub(super) fn owns(self, id: &str) -> bool {
        let letters = || id.bytes().all(|byte| byte.is_ascii_alphabetic());
        let mixed =
            || id.starts_with(|c: char| c.is_ascii_uppercase()) && id.contains(|c: char| c.is_ascii_lowercase());
        match self {
            Self::BuildKit => letters() && mixed(),
            Self::Checkov => id.starts_with("CKV"),
            Self::Hadolint => id.starts_with("DL") || id.starts_with("SC"),
            Self::Hullmark => false,
            Self::KubeLinter | Self::KubeScore | Self::Polaris => {
                CHECKS.get(self.as_str()).is_some_and(|checks| checks.contains(id))
            }
            Self::Trivy => ["DS-", "KSV-", "KCV-"].iter().any(|family| id.starts_with(family)),
        }
    }
}

/// Whose findings an exception takes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name<'t> {
    /// A name of rules, in any form.
    Rule(&'t str),
    /// Ids of the comment's tool, `*` for any characters. It stands for what that tool reports, and for no more.
    Pattern(&'t str),
}

/// How far an exception reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The instruction, or the key of a manifest, that follows.
    Next,
    Stage,
    /// The Kubernetes object, pod template or container whose annotation it is.
    Object,
    File,
}

/// The names of a list with commas between them, and what stands behind the last of them.
pub(super) fn list_of_names(text: &str) -> (Vec<&str>, &str) {
    let mut names = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c.is_whitespace() || ",:;#".contains(c)).unwrap_or(rest.len());
        names.extend(Some(&rest[..end]).filter(|name| !name.is_empty()));
        rest = rest[end..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return (names, rest),
        }
    }
}

/// The text that says why, without the sign that parts it from the names.
pub(super) fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    let signs = ["#", ":", "//", "--", "-", "\u{2014}", "\u{2013}"];
    let text = signs.iter().find_map(|sign| text.strip_prefix(sign)).unwrap_or(text).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Whether an id has the form of a pattern, whatever the case.
pub(super) fn matches(pattern: &str, id: &str) -> bool {
    let (pattern, id) = (pattern.to_ascii_lowercase(), id.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| id.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_where_no_comma_follows() {
        let list = |text: &str| {
            let (names, rest) = list_of_names(text);
            (names.join("|"), reason(rest))
        };
        let why = Some("why".to_owned());
        assert_eq!(list("A"), ("A".into(), None));
        assert_eq!(list(" A ,B,\tC "), ("A|B|C".into(), None));
        for text in ["A,B # why", "A,B why", "A,B# why", "A,B: why", "A,B // why", "A, B -- why"] {
            assert_eq!(list(text), ("A|B".into(), why.clone()), "{text}");
        }
        assert_eq!(list("A,,B,"), ("A|B".into(), None), "an empty place costs no other");
        assert_eq!(list("a b,c"), ("a".into(), Some("b,c".into())));
        assert_eq!(list(""), (String::new(), None));
        assert_eq!(list("dockerfile/*, image/latest-tag"), ("dockerfile/*|image/latest-tag".into(), None));
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, id) in [("*", "DS-0001"), ("ds-*", "DS-0001"), ("*-0001", "DS-0001"), ("D*0*1", "DS-0001")] {
            assert!(matches(pattern, id), "{pattern}");
        }
        for pattern in ["", "DS", "DS-", "*2", "KSV-*", "DS-0001*1"] {
            assert!(!matches(pattern, "DS-0001"), "{pattern}");
        }
    }

    #[test]
    fn ids_show_whose_they_are() {
        let owners = |id: &str| {
            Tool::ALL.into_iter().filter(|tool| tool.owns(id)).map(Tool::as_str).collect::<Vec<_>>().join(" ")
        };
        for (id, owner) in [
            ("StageNameCasing", "buildkit"),
            ("CKV_DOCKER_2", "checkov"),
            ("CKV2_DOCKER_1", "checkov"),
            ("DL3006", "hadolint"),
            ("SC2086", "hadolint"),
            ("DS-0002", "trivy"),
            ("KSV-0013", "trivy"),
            ("latest-tag", "kube-linter"),
            ("container-image-tag", "kube-score"),
            ("runAsRootAllowed", "polaris"),
            ("latest", ""),
        ] {
            assert_eq!(owners(id), owner, "{id}");
        }
    }
}
