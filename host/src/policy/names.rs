//! Names of rules as people write them: `image/latest-tag`, `image/*`, `tag:security`, `*`, and the ids that other tools give to the same
//! condition. Those are many-to-many: an id stands for every rule that lists it.

use std::collections::BTreeMap;

use crate::finding::Plugin;

/// What names of tags begin with.
pub(super) const TAG: &str = "tag:";
/// Longer names are no slips of ours.
const LONGEST: usize = 100;

/// A name that no loaded rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{name}`{}", .suggestion.as_ref().map(|other| format!("; did you mean `{other}`?")).unwrap_or_default())]
pub struct NameError {
    /// As written.
    pub name: String,
    /// The nearest name that exists.
    pub suggestion: Option<String>,
}

/// All names of the loaded rules.
#[derive(Clone, Debug, Default)]
pub struct RuleNames {
    ids: Vec<String>,
    /// By their one spelling.
    aliases: BTreeMap<String, Alias>,
    /// Indexes of the rules that have a tag.
    tags: BTreeMap<String, Vec<usize>>,
}

#[derive(Clone, Debug)]
struct Alias {
    /// As its rules list it.
    written: String,
    /// Indexes of its rules.
    rules: Vec<usize>,
}

impl RuleNames {
    /// Names of the rules of these plugins.
    #[must_use]
    pub fn new<'p>(plugins: impl IntoIterator<Item = &'p Plugin>) -> Self {
        let mut names = Self::default();
        for rule in plugins.into_iter().flat_map(|plugin| &plugin.rules) {
            let index = names.ids.len();
            names.ids.push(rule.id.clone());
            for tag in &rule.tags {
                match names.tags.get_mut(tag) {
                    Some(rules) => rules.push(index),
                    None => {
                        names.tags.insert(tag.clone(), vec![index]);
                    }
                }
            }
            for alias in &rule.aliases {
                let new = || Alias { written: alias.clone(), rules: Vec::new() };
                names.aliases.entry(canonical(alias)).or_insert_with(new).rules.push(index);
            }
        }
        names
    }

    /// Full names of the rules that `name` stands for, in the order of loading.
    ///
    /// # Errors
    /// Where it stands for none.
    pub fn resolve(&self, name: &str) -> Result<Vec<&str>, NameError> {
        let wanted = name.trim();
        let found = self.find(wanted);
        if found.is_empty() {
            return Err(NameError { name: wanted.to_owned(), suggestion: self.nearest(wanted) });
        }
        Ok(found)
    }

    /// The same where a name that stands for no rule is no fault.
    #[must_use]
    pub fn find(&self, wanted: &str) -> Vec<&str> {
        if wanted == "*" {
            self.ids.iter().map(String::as_str).collect()
        } else if let Some(tag) = wanted.strip_prefix(TAG) {
            self.tags.get(tag).into_iter().flatten().map(|&index| self.ids[index].as_str()).collect()
        } else if let Some(plugin) = wanted.strip_suffix("/*") {
            self.ids.iter().filter(|id| id.split('/').next() == Some(plugin)).map(String::as_str).collect()
        } else if let Some(id) = self.ids.iter().find(|id| *id == wanted) {
            vec![id.as_str()]
        } else {
            let indexes = self.aliases.get(&canonical(wanted)).into_iter().flat_map(|alias| &alias.rules);
            indexes.map(|&index| self.ids[index].as_str()).collect()
        }
    }

    /// Whether some rule has a name, or a name in another tool, that begins so; in small letters.
    pub(super) fn any_begins(&self, prefix: &str) -> bool {
        let names = self.ids.iter().chain(self.aliases.values().map(|alias| &alias.written));
        names.into_iter().any(|name| name.to_ascii_lowercase().starts_with(prefix))
    }

    fn nearest(&self, name: &str) -> Option<String> {
        // A bare rule name is the commonest slip: the plugin is missing.
        if let Some(id) = self.ids.iter().find(|id| id.split('/').nth(1) == Some(name)) {
            return Some(id.clone());
        }
        if let Some(id) = self.ids.iter().find(|id| name.contains('/') && !name.ends_with('/') && id.starts_with(name))
        {
            return Some(id.clone());
        }
        let plugins = self.ids.iter().filter_map(|id| Some(format!("{}/*", id.split_once('/')?.0)));
        // A number differs from another by as little as from a slip of it, so numbers are no suggestions.
        let words = self.aliases.values().map(|alias| &alias.written);
        let words = words.filter(|alias| !alias.bytes().any(|byte| byte.is_ascii_digit()));
        let tags = self.tags.keys().map(|tag| format!("{TAG}{tag}"));
        nearest(name, self.ids.iter().cloned().chain(words.cloned()).chain(plugins).chain(tags))
    }
}

/// One spelling for all spellings of an id: case does not matter, and Trivy's ids stand with and without `AVD-`, the hyphen
/// and leading zeros (`AVD-KSV-0013`, `KSV013`).
pub(super) fn canonical(id: &str) -> String {
    let lower = id.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("avd-").unwrap_or(&lower);
    for family in ["ksv", "kcv", "ds"] {
        let Some(number) = bare.strip_prefix(family) else { continue };
        let number = number.strip_prefix('-').unwrap_or(number);
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = number.trim_start_matches('0');
            return format!("{family}:{number}");
        }
    }
    lower
}

/// The nearest of the candidates, if it is near enough to be meant.
pub(super) fn nearest(name: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let limit = (name.len() / 3).max(2);
    let near = candidates.into_iter().map(|candidate| (distance(name, &candidate), candidate));
    near.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in bytes.
fn distance(one: &str, other: &str) -> usize {
    let other = other.as_bytes();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in other.iter().enumerate() {
            let substitution = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Rule;

    fn names() -> RuleNames {
        let rule = |id: &str, aliases: &[&str]| Rule {
            id: id.into(),
            aliases: aliases.iter().map(|&alias| alias.into()).collect(),
            tags: vec!["reproducibility".into()],
            ..Rule::default()
        };
        RuleNames::new(&[
            Plugin {
                name: "image".into(),
                rules: vec![
                    rule("image/latest-tag", &["DL3007", "KSV-0013", "DS-0001", "latest-tag"]),
                    rule("image/untagged", &["DL3006", "KSV-0013"]),
                ],
                ..Plugin::default()
            },
            Plugin { name: "user".into(), rules: vec![rule("user/root-user", &["DS-0002"])], ..Plugin::default() },
        ])
    }

    #[test]
    fn an_id_stands_for_every_rule_that_lists_it_in_any_spelling() {
        let names = names();
        for spelling in ["KSV-0013", "ksv013", "AVD-KSV-0013", "KSV0013"] {
            assert_eq!(names.resolve(spelling), Ok(vec!["image/latest-tag", "image/untagged"]), "{spelling}");
        }
        assert_eq!(names.resolve("DS002"), Ok(vec!["user/root-user"]));
        assert_eq!(names.resolve("dl3007"), Ok(vec!["image/latest-tag"]));
    }

    #[test]
    fn a_star_stands_for_all_rules_or_for_those_of_a_plugin() {
        assert_eq!(names().resolve("user/*"), Ok(vec!["user/root-user"]));
        assert_eq!(names().resolve("*").map(|all| all.len()), Ok(3));
        assert_eq!(names().resolve("tag:reproducibility").map(|all| all.len()), Ok(3));
        assert_eq!(names().resolve("tag:reproducible").unwrap_err().suggestion, Some("tag:reproducibility".into()));
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_one() {
        let suggestion = |name: &str| names().resolve(name).unwrap_err().suggestion;
        assert_eq!(suggestion("image/latest-tags"), Some("image/latest-tag".into()));
        assert_eq!(suggestion("root-user"), Some("user/root-user".into()));
        assert_eq!(suggestion("imag/*"), Some("image/*".into()));
        assert_eq!(suggestion("image/lat"), Some("image/latest-tag".into()));
        assert_eq!(suggestion("latest-tags"), Some("latest-tag".into()));
        assert_eq!(suggestion("DL3008"), None);
        assert_eq!(suggestion("something else"), None);
        assert_eq!(suggestion(&"x".repeat(100_000)), None);
        assert_eq!(
            names().resolve("users/*").unwrap_err().to_string(),
            "there is no rule `users/*`; did you mean `user/*`?"
        );
    }
}
