//! Pages for people, made from what plugins declare of their rules: in Markdown, which reads well in a terminal too.

use std::fmt::Write as _;

use crate::finding::{Plugin, Rule};

/// All that there is to say of a rule.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n{}\n\n", rule.id, rule.summary);
    let level = rule.default_level().as_str();
    let on = if rule.enabled { format!("{level}, on by default") } else { format!("{level}, off by default") };
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "- {name}: {value}");
        }
    };
    fact("level", &on);
    fact("tags", &rule.tags.join(", "));
    fact("security severity", rule.security_severity.as_deref().unwrap_or_default());
    fact("in other tools", &rule.aliases.join(", "));
    fact("since", &rule.since);
    let _ = write!(text, "\n{}\n", rule.explanation.trim_end());
    let told = rule.explanation.lines().any(|line| line == "## References");
    if !told && !rule.references.is_empty() {
        let _ = write!(text, "\n## References\n\n");
        for reference in &rule.references {
            let _ = writeln!(text, "- <{reference}>");
        }
    }
    text
}

/// A table of the rules of each plugin, in their order; `link` says where the page of a rule lies.
pub fn index<'p>(plugins: impl IntoIterator<Item = &'p Plugin>, link: impl Fn(&Rule) -> Option<String>) -> String {
    let mut text = String::new();
    for plugin in plugins {
        let _ = write!(
            text,
            "\n**{}**: {}\n\n| rule | level | what it flags |\n|---|---|---|\n",
            plugin.name, plugin.summary
        );
        for rule in &plugin.rules {
            let level = if rule.enabled { rule.default_level().as_str() } else { "off" };
            let name = link(rule).map_or_else(|| format!("`{}`", rule.id), |page| format!("[`{}`]({page})", rule.id));
            let _ = writeln!(text, "| {name} | {level} | {} |", rule.summary.replace('|', "\\|"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> Rule {
        Rule {
            id: "a/one".into(),
            summary: "What is a | b.".into(),
            explanation: "## What it checks\n\nText.\n".into(),
            references: vec!["https://example.com".into()],
            ..Rule::default()
        }
    }

    #[test]
    fn references_stand_once() {
        let page = page(&rule());
        assert!(page.ends_with("Text.\n\n## References\n\n- <https://example.com>\n"), "{page}");
        let told = Rule { explanation: format!("{}\n## References\n\n- text\n", rule().explanation).into(), ..rule() };
        assert!(super::page(&told).ends_with("## References\n\n- text\n"));
    }

    #[test]
    fn the_index_links_to_pages() {
        let plugin = Plugin { name: "a".into(), summary: "A.".into(), rules: vec![rule()], ..Plugin::default() };
        let table = "\n**a**: A.\n\n| rule | level | what it flags |\n|---|---|---|\n";
        assert_eq!(index([&plugin], |_| None), format!("{table}| `a/one` | off | What is a \\| b. |\n"));
        let linked = format!("{table}| [`a/one`](a/one.md) | off | What is a \\| b. |\n");
        assert_eq!(index([&plugin], |rule| Some(format!("{}.md", rule.id))), linked);
    }
}
