//! What a plugin says of itself, held to the interface and turned into the records that the rest of the program knows.

use std::collections::HashSet;

use super::bindings::exports::hullmark::policy::plugin::PluginInfo;
use super::bindings::types;
use super::text;
use crate::finding::{HOST_PLUGINS, Level, Plugin, Rule};

/// Longest name of a plugin or rule, in bytes.
const NAME: usize = 64;
/// Longest word or sentence fragment of metadata, in characters.
const WORD: usize = 200;
/// Longest explanation or schema, in characters.
const TEXT: usize = 65_536;
/// Most rules of a plugin.
const RULES: usize = 1_000;
/// Most entries of a list of words.
const WORDS: usize = 100;

/// The plugin's metadata, or one sentence on what is wrong with it.
pub(super) fn accept(info: PluginInfo) -> Result<Plugin, String> {
    let name = kebab(&info.name).ok_or_else(|| misnamed("plugin", &info.name))?;
    if HOST_PLUGINS.contains(&name) {
        return Err(format!("the name `{name}` is taken by rules of the program itself; choose another"));
    }
    if info.rules.is_empty() || info.rules.len() > RULES {
        return Err(format!("it declares {} rules; declare from 1 to {RULES}", info.rules.len()));
    }
    let schema = text::block(&info.options_schema, TEXT);
    if !schema.is_empty() && !is_object(&schema) {
        return Err("its options schema is no JSON object".to_owned());
    }
    let mut names = HashSet::new();
    let mut rules = Vec::with_capacity(info.rules.len());
    for declared in &info.rules {
        let rule = rule(name, declared)?;
        if !names.insert(declared.name.as_str()) {
            return Err(format!("it declares the rule `{}` twice", declared.name));
        }
        rules.push(rule);
    }
    Ok(Plugin {
        name: name.to_owned(),
        version: text::line(&info.version, WORD).into(),
        summary: text::line(&info.summary, text::MESSAGE).into(),
        homepage: text::line(&info.homepage, text::MESSAGE).into(),
        options_schema: schema.into(),
        rules,
    })
}

fn rule(plugin: &str, rule: &types::Rule) -> Result<Rule, String> {
    let name = kebab(&rule.name).ok_or_else(|| misnamed("rule", &rule.name))?;
    let schema = text::block(&rule.options_schema, TEXT);
    if !schema.is_empty() && !is_object(&schema) {
        return Err(format!("the options schema of the rule `{name}` is no JSON object"));
    }
    if let Some(severity) = &rule.security_severity
        && !is_severity(severity)
    {
        let shown = text::line(severity, WORD);
        return Err(format!("the rule `{name}` has the security severity `{shown}`; write a decimal from 0.1 to 10.0"));
    }
    Ok(Rule {
        id: format!("{plugin}/{name}"),
        summary: text::line(&rule.summary, text::MESSAGE).into(),
        explanation: text::block(&rule.explanation, TEXT).into(),
        level: Some(Level::from_interface(&rule.level)),
        enabled: rule.enabled,
        tags: words(&rule.tags),
        security_severity: rule.security_severity.clone().map(Into::into),
        precision: precision(&rule.precision).into(),
        aliases: words(&rule.aliases),
        references: words(&rule.references).into_iter().map(Into::into).collect(),
        subjects: words(&rule.subjects),
        fragments: rule.fragments,
        options_schema: schema.into(),
        since: text::line(&rule.since, WORD).into(),
    })
}

fn misnamed(what: &str, name: &str) -> String {
    let shown = text::line(name, WORD);
    format!(
        "the {what} name `{shown}` is not in kebab case; write lower-case words with `-` between, such as `latest-tag`"
    )
}

/// A name of lower-case words, each beginning with a letter or digit, the first with a letter.
fn kebab(name: &str) -> Option<&str> {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let letter = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    (letter && name.len() <= NAME && name.split('-').all(word)).then_some(name)
}

/// Whether a text is a plain decimal above 0 and not above 10, as code scanning reads it.
fn is_severity(text: &str) -> bool {
    let plain = text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain && text.parse().is_ok_and(|value: f64| value > 0.0 && value <= 10.0)
}

fn is_object(json: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json).is_ok()
}

/// A known word; anything else claims nothing.
fn precision(word: &str) -> &'static str {
    match word {
        "very-high" => "very-high",
        "high" => "high",
        "low" => "low",
        _ => "medium",
    }
}

fn words(list: &[String]) -> Vec<String> {
    let words = list.iter().map(|word| text::line(word, text::MESSAGE)).filter(|word| !word.is_empty());
    words.take(WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case() {
        assert!(kebab("latest-tag").is_some());
        assert!(kebab("k8s-1").is_some());
        for name in ["", "-a", "a-", "a--b", "A", "a_b", "a/b", "1a", "a b", "\u{e9}"] {
            assert!(kebab(name).is_none(), "{name}");
        }
        assert!(kebab(&"a".repeat(65)).is_none());
    }

    #[test]
    fn severities_are_plain_decimals_up_to_ten() {
        for good in ["0.1", "10.0", "7", "10"] {
            assert!(is_severity(good), "{good}");
        }
        for bad in ["0.0", "10.1", "-1", "1e1", "inf", "", "high"] {
            assert!(!is_severity(bad), "{bad}");
        }
    }
}
