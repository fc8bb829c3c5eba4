//! The built-in plugins are plugins like any other, and their instances carry nothing from one document to the next. The
//! built-in policies know them all.

use std::sync::Arc;

use hullmark::document::{Document, Source, parse_dockerfile};
use hullmark::finding::Plugin;
use hullmark::own;
use hullmark::plugin::{Checked, Limits, PluginError, Registry, Worker};
use hullmark::policy::{self, Policies, RuleSettings, Selection};

const DOCKERFILES: [&str; 4] = [
    "FROM node\nRUN npm install\nUSER root\n",
    "# syntax=docker/dockerfile:1\nARG V=latest\nFROM debian:$V AS base\nEXPOSE 22\n\nFROM base\nHEALTHCHECK NONE\nCMD [\"sh\"]\n",
    "",
    "FROM caf\u{e9}:latest@sha256:1\nRUN <<EOF\nsudo x\nEOF\nUSER 0\n",
];

fn documents() -> Vec<Arc<Document>> {
    let parse = |(index, text): (usize, &&str)| {
        let path = format!("{index}/Dockerfile");
        parse_dockerfile(&Arc::new(Source::new(path, text.as_bytes().to_vec()))).documents
    };
    DOCKERFILES.iter().enumerate().flat_map(parse).map(Arc::new).collect()
}

/// All that all plugins find in a document.
fn check(worker: &mut Worker<'_>, registry: &Registry, document: &Arc<Document>) -> Vec<String> {
    let plugins = registry.plugins().iter().enumerate();
    let found = plugins.map(|(index, plugin)| {
        let rules: Vec<u32> = (0..plugin.info().rules.len() as u32).collect();
        let Checked { findings, errors } = worker.check(index, document, &rules, "{}");
        assert_eq!(errors, [], "{}", plugin.info().name);
        format!("{findings:?}")
    });
    found.collect()
}

#[test]
fn used_and_fresh_instances_find_the_same_in_any_order() {
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert_eq!(notifications, []);
    let documents = documents();
    let mut used = Worker::new(&registry, false);
    let mut fresh = Worker::new(&registry, true);
    let forwards: Vec<_> = documents.iter().map(|document| check(&mut used, &registry, document)).collect();
    let mut backwards: Vec<_> = documents.iter().rev().map(|document| check(&mut used, &registry, document)).collect();
    backwards.reverse();
    let alone: Vec<_> = documents.iter().map(|document| check(&mut fresh, &registry, document)).collect();
    assert_eq!(forwards, alone);
    assert_eq!(backwards, alone);
    assert!(alone.concat().concat().contains("message"), "nothing was found at all");
}

#[test]
fn every_rule_has_its_own_name() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let mut ids: Vec<_> =
        registry.plugins().iter().flat_map(|plugin| &plugin.info().rules).map(|rule| &rule.id).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// What all plugins say under limits that are too tight for any.
fn errors_under(limits: Limits) -> Vec<PluginError> {
    let (registry, _) = Registry::load(true, &[], limits);
    let mut worker = Worker::new(&registry, false);
    let document = &documents()[0];
    (0..registry.plugins().len()).flat_map(|plugin| worker.check(plugin, document, &[0], "{}").errors).collect()
}

#[test]
fn built_in_plugins_are_held_to_the_limits_too() {
    let cases = [
        Limits { fuel: 500, ..Limits::default() },
        Limits { host_work: 500, ..Limits::default() },
        Limits { memory: 1 << 16, ..Limits::default() },
        Limits { stack: 1 << 8, ..Limits::default() },
    ];
    for limits in cases {
        let (registry, _) = Registry::load(true, &[], limits);
        let errors = errors_under(limits);
        assert_eq!(errors.len(), registry.plugins().len(), "{limits:?}");
        assert!(errors.iter().all(PluginError::is_exhausted), "{errors:?}");
    }
}

/// The rules that are on under a built-in policy.
fn under(policy: &str, plugins: &[&Plugin]) -> Selection {
    let policies = Policies::read(&[policy.to_owned()]).unwrap_or_else(|errors| panic!("{policy}: {errors:?}"));
    let settings = RuleSettings::new(&policies, plugins.iter().copied(), true);
    let settings = settings.unwrap_or_else(|errors| panic!("{policy}: {errors:?}"));
    Selection::with_settings(plugins.iter().copied(), &settings, &[], &[]).expect("nothing is named")
}

#[test]
fn every_built_in_policy_names_what_exists() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let own = own::plugins();
    let mut plugins: Vec<&Plugin> = registry.plugins().iter().map(|plugin| plugin.info()).collect();
    plugins.extend(&own);
    let mut worker = Worker::new(&registry, false);
    for policy in policy::builtin() {
        let selection = under(policy, &plugins);
        for (index, plugin) in registry.plugins().iter().enumerate() {
            let options = selection.options(&plugin.info().name);
            assert_eq!(worker.configure(index, &options), Ok(()), "{policy}");
        }
    }
}

#[test]
fn the_policies_of_our_own_are_what_they_are_called() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let own = own::plugins();
    let plugins: Vec<&Plugin> = own.iter().chain(registry.plugins().iter().map(|plugin| plugin.info())).collect();
    let [recommended, strict, security] = ["recommended", "strict", "security"].map(|policy| under(policy, &plugins));
    for rule in plugins.iter().flat_map(|plugin| &plugin.rules) {
        let is_on = |selection: &Selection| selection.level(&rule.id).is_some();
        assert!(!is_on(&recommended) || is_on(&strict), "{}", rule.id);
        let is_security = rule.tags.iter().any(|tag| tag == "security") || rule.plugin() == "syntax";
        assert_eq!(is_on(&security), is_security, "{}", rule.id);
    }
}

/// Which tool's policy stands for an id of another tool.
fn policy_of(alias: &str) -> Option<&'static str> {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| alias.starts_with(beginning));
    let is_word = alias.bytes().all(|byte| byte.is_ascii_alphabetic());
    let lists = |policy: &&str| policy::listed(policy).iter().any(|name| name == alias);
    match alias {
        _ if starts(&["CKV"]) => Some("checkov"),
        _ if starts(&["DS-", "KSV-", "KCV-"]) => Some("trivy"),
        _ if starts(&["DL", "SC"]) && alias[2..].parse::<u16>().is_ok() => Some("hadolint"),
        _ if is_word && alias.starts_with(|first: char| first.is_ascii_uppercase()) => Some("buildkit"),
        _ => ["kube-linter", "kube-score", "polaris"].into_iter().find(lists),
    }
}

#[test]
fn the_policy_of_a_tool_turns_on_every_check_of_that_tool_or_says_that_it_is_off() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let own = own::plugins();
    let plugins: Vec<&Plugin> = own.iter().chain(registry.plugins().iter().map(|plugin| plugin.info())).collect();
    let mut forgotten = Vec::new();
    for policy in ["buildkit", "checkov", "hadolint", "kube-linter", "kube-score", "polaris", "trivy"] {
        let selection = under(policy, &plugins);
        let path = format!("{}/policies/{policy}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("the policy is there");
        for rule in plugins.iter().flat_map(|plugin| &plugin.rules) {
            for alias in rule.aliases.iter().filter(|alias| policy_of(alias) == Some(policy)) {
                let off = text.contains(&format!("\n  {}: off\n", rule.id));
                if !off && !selection.reports(&rule.id, std::slice::from_ref(alias)) {
                    forgotten.push(format!("policies/{policy}.yaml: {}, which is {alias}", rule.id));
                }
            }
        }
    }
    assert_eq!(forgotten, [""; 0]);
}

#[test]
fn every_id_of_another_tool_is_one_of_its_policy() {
    let (registry, _) = Registry::load(true, &[], Limits::default());
    let rules = registry.plugins().iter().flat_map(|plugin| &plugin.info().rules);
    let aliases = rules.flat_map(|rule| rule.aliases.iter().map(move |alias| (&rule.id, alias)));
    let unknown: Vec<_> = aliases.filter(|(_, alias)| policy_of(alias).is_none()).collect();
    assert_eq!(unknown, [], "no policy lists them");
}
