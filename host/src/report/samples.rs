//! Outcomes made by hand, for the tests of the formats.

use std::sync::Arc;

use super::{Context, Format};
use crate::document::{Source, Span};
use crate::finding::{
    Counts, Edit, Finding, Fix, Level, Notification, ObjectName, Outcome, Place, Plugin, Related, Rule,
};

/// The place of the nth occurrence of a token.
pub(super) fn place_of(source: &Arc<Source>, token: &str, nth: usize) -> Place {
    let (start, _) = source.text().match_indices(token).nth(nth).unwrap();
    Place { source: Arc::clone(source), span: Span::new(start as u32, (start + token.len()) as u32) }
}

pub(super) fn source(path: &str, bytes: &[u8]) -> Arc<Source> {
    Arc::new(Source::new(path, bytes.to_vec()))
}

pub(super) fn finding(rule: &str, place: Place, message: &str) -> Finding {
    Finding {
        rule: rule.into(),
        level: Level::Warning,
        message: message.into(),
        place,
        object: None,
        stage: None,
        aliases: Vec::new(),
        related: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
    }
}

pub(super) fn rule(id: &str) -> Rule {
    Rule {
        id: id.into(),
        summary: "A summary.".into(),
        explanation: "## What it checks\n\nA condition. In detail.\n\n## How to fix\n\nMend it. Or leave it.\n".into(),
        enabled: true,
        precision: "high".into(),
        ..Rule::default()
    }
}

pub(super) fn plugin(name: &str, rules: Vec<Rule>) -> Plugin {
    Plugin { name: name.into(), version: "0.1.0".into(), summary: "A plugin.".into(), rules, ..Plugin::default() }
}

/// The host with one rule and a plugin with three.
pub(super) fn plugins() -> Vec<Plugin> {
    let mut security = rule("image/root");
    security.level = Some(Level::Error);
    security.tags = vec!["containers".into(), "security".into(), "CWE-250".into()];
    security.security_severity = Some("7.5".into());
    security.references = vec!["https://docs.docker.com/reference/dockerfile/#user".into(), "not a URL".into()];
    let mut plain = rule("image/latest-tag");
    plain.security_severity = Some("5.0".into());
    vec![
        plugin("syntax", vec![rule("syntax/dockerfile")]),
        plugin("image", vec![plain, security, rule("image/silent")]),
    ]
}

pub(super) fn outcome(findings: Vec<Finding>) -> Outcome {
    let counts = Counts { dockerfiles: 1, manifest_files: 1, manifests: 2, templates: 0 };
    Outcome { plugins: plugins().into_iter().map(Arc::new).collect(), findings, counts, ..Outcome::default() }
}

pub(super) const DOCKERFILE: &[u8] =
    b"FROM nginx\nRUN apt-get update \\\n && apt-get install curl\nUSER root\nCMD [\"a\"]\n";
pub(super) const DEPLOYMENT: &[u8] = b"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: nginx\n";

/// One finding with everything, and plainer ones.
pub(super) fn full() -> Outcome {
    let docker = source("app/Dockerfile", DOCKERFILE);
    let deployment = source("deploy/web app.yaml", DEPLOYMENT);
    let mut first =
        finding("image/latest-tag", place_of(&docker, "nginx", 0), "`nginx` has no tag, so `CMD [\"a\"]` may change");
    first.aliases = vec!["DL3006".into()];
    first.stage = Some("0".into());
    first.related = vec![
        Related { place: place_of(&docker, "CMD", 0), message: "the [command](x) \\ here".into() },
        Related { place: place_of(&deployment, "nginx", 0), message: "used here, too".into() },
    ];
    let at = place_of(&docker, "nginx", 0);
    let end = Place { span: Span::new(at.span.end, at.span.end), ..at };
    first.fixes =
        vec![Fix { title: "pin the tag".into(), safe: false, edits: vec![Edit { place: end, text: ":1.27".into() }] }];
    let mut second = finding("image/root", place_of(&docker, "root", 0), "the image runs as `root`");
    second.level = Level::Error;
    let remove = Edit { place: place_of(&docker, "USER root\n", 0), text: String::new() };
    second.fixes = vec![Fix { title: "remove the instruction".into(), safe: true, edits: vec![remove] }];
    let mut third = finding("image/latest-tag", place_of(&deployment, "nginx", 0), "`nginx` has no tag");
    third.level = Level::Note;
    third.object = Some(ObjectName {
        api_version: Some("apps/v1".into()),
        kind: Some("Deployment".into()),
        namespace: None,
        name: Some("web".into()),
        container: Some("web".into()),
    });
    let mut findings = vec![first, second, third];
    crate::fingerprint::assign(&mut findings);
    Outcome {
        notifications: vec![
            Notification {
                level: Level::Error,
                path: Some("a b.yaml".into()),
                plugin: None,
                message: "cannot be read: check its permissions".into(),
            },
            Notification {
                level: Level::Warning,
                path: None,
                plugin: Some("image".into()),
                message: "took long: raise its fuel".into(),
            },
        ],
        ..outcome(findings)
    }
}

/// A finding and a notification whose every text tries to be more than text.
pub(super) fn hostile() -> Outcome {
    let path = "a\n::,]]>\"'%<b>`.yaml";
    let message = "100%\n::error::]]> <script>alert(1)</script> \"'& | \u{1b}[31m `x";
    let file = source(path, b"kind: <script>alert(2)</script> | ]]>\n");
    let mut findings = vec![finding("image/root", place_of(&file, "<script>alert(2)", 0), message)];
    crate::fingerprint::assign(&mut findings);
    let told = Notification { level: Level::Error, path: Some(path.into()), plugin: None, message: message.into() };
    Outcome { notifications: vec![told], ..outcome(findings) }
}

pub(super) fn written(format: Format, outcome: &Outcome, context: &Context<'_>) -> String {
    let mut bytes = Vec::new();
    super::write(format, outcome, context, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}
