//! Tries a rule on a text, natively. Each function returns the flagged tokens, in order, as they stand in the text.
//!
//! ```
//! use hullmark_sdk::prelude::*;
//! use hullmark_sdk::testing::{Trial, dockerfile};
//!
//! rule! {
//!     /// A port is published that is not allowed. (The headings are left out here.)
//!     options: &[OptionSpec::texts("ports", &["8080"], "ports to allow")],
//!     checks: &[Instruction("EXPOSE", expose)],
//! }
//!
//! fn expose(expose: &Instruction, report: &mut Report) {
//!     for port in expose.arguments() {
//!         let Some(text) = port.resolved() else { continue };
//!         if !report.options().texts("ports").any(|allowed| allowed == text) {
//!             report.finding(port, format!("port `{text}` is not allowed"));
//!         }
//!     }
//! }
//!
//! let text = "FROM x\nEXPOSE 8080 9090\n";
//! assert_eq!(dockerfile(&RULE, text), ["9090"]);
//! assert_eq!(Trial::with(&RULE, r#"{"ports": ["9090"]}"#).dockerfile(text), ["8080"]);
//! assert_eq!(Trial::of(&RULE).found(&[("Dockerfile", text)])[0].finding.message(), "port `9090` is not allowed");
//! ```

use std::sync::Arc;

use hullmark::document as library;

use crate::document::Document;
use crate::native;
use crate::options;
use crate::plugin::{Configured, Plugin};
use crate::report::Finding;
use crate::rule::Rule;

/// Flagged tokens of a Dockerfile.
#[must_use]
pub fn dockerfile(rule: &'static Rule, text: &str) -> Vec<String> {
    Trial::of(rule).dockerfile(text)
}

/// A Dockerfile as rules see it, to try what several of them share.
///
/// # Panics
/// Where the text is no Dockerfile.
#[must_use]
pub fn parsed(text: &str) -> Document<'static> {
    native::document(Arc::new(parse("Dockerfile", text).remove(0)), 0)
}

/// The first manifest of a text as rules see it.
///
/// # Panics
/// Where the text holds no manifest.
#[must_use]
pub fn parsed_manifest(text: &str) -> Document<'static> {
    native::document(Arc::new(parse("manifest.yaml", text).remove(0)), 0)
}

/// Flagged tokens of a manifest, or of a stream of them.
#[must_use]
pub fn manifest(rule: &'static Rule, text: &str) -> Vec<String> {
    Trial::of(rule).manifest(text)
}

/// Flagged tokens of a repository, given as paths and texts; a path that ends in `.yaml` is a stream of manifests, one
/// that ends in `.dockerignore` is what the builds of all Dockerfiles do not see, every other one a Dockerfile. The files are taken in the order of their paths.
#[must_use]
pub fn project(rule: &'static Rule, files: &[(&str, &str)]) -> Vec<String> {
    Trial::of(rule).project(files)
}

/// A rule with options to try it with.
#[derive(Clone, Debug)]
pub struct Trial {
    rule: &'static Rule,
    options: String,
    declared: Vec<[&'static str; 3]>,
}

/// A finding with the token it stands on.
#[derive(Clone, Debug)]
pub struct Found {
    /// The flagged token.
    pub token: String,
    /// What was reported.
    pub finding: Finding,
}

impl Trial {
    /// The rule with its default options.
    #[must_use]
    pub const fn of(rule: &'static Rule) -> Self {
        Self { rule, options: String::new(), declared: Vec::new() }
    }

    /// The rule with options, as a JSON object: `{"registries": ["ghcr.io"]}`.
    #[must_use]
    pub fn with(rule: &'static Rule, options: &str) -> Self {
        let options = format!(r#"{{"rules": {{"{}": {options}}}}}"#, rule.name());
        Self { rule, options, declared: Vec::new() }
    }

    /// The same with objects that the user declares to exist outside the project: kind, namespace (empty for none) and name.
    #[must_use]
    pub fn declare(self, objects: &[[&'static str; 3]]) -> Self {
        Self { declared: objects.to_vec(), ..self }
    }

    /// Flagged tokens of a Dockerfile.
    #[must_use]
    pub fn dockerfile(&self, text: &str) -> Vec<String> {
        tokens(self.found(&[("Dockerfile", text)]))
    }

    /// Flagged tokens of a manifest, or of a stream of them.
    #[must_use]
    pub fn manifest(&self, text: &str) -> Vec<String> {
        tokens(self.found(&[("manifest.yaml", text)]))
    }

    /// Flagged tokens of a repository.
    #[must_use]
    pub fn project(&self, files: &[(&str, &str)]) -> Vec<String> {
        tokens(self.found(files))
    }

    /// Everything that the rule reports in a repository: documents one by one, then all together.
    ///
    /// # Panics
    /// Where a text is not what its path says, or the options are refused.
    #[must_use]
    pub fn found(&self, files: &[(&str, &str)]) -> Vec<Found> {
        let configured = self.configured();
        let mut files = files.to_vec();
        files.sort_by_key(|(path, _)| *path);
        let ignore_file = files
            .iter()
            .find(|(path, _)| path.ends_with(".dockerignore"))
            .map(|(path, text)| Arc::new(library::Source::new(*path, text.as_bytes().to_vec())));
        let documents: Vec<Arc<library::Document>> = files
            .iter()
            .filter(|(path, _)| !path.ends_with(".dockerignore"))
            .flat_map(|(path, text)| parse(path, text))
            .map(|document| Arc::new(library::Document { ignore_file: ignore_file.clone(), ..document }))
            .collect();
        let mut findings = Vec::new();
        for (id, document) in documents.iter().enumerate() {
            if document.traits.fragment && !self.rule.fragments {
                continue;
            }
            findings.extend(configured.check(&native::document(Arc::clone(document), id as u32), &[0]));
        }
        let declared = (!self.declared.is_empty()).then(|| Arc::new(declared(&self.declared)));
        // Last by its path, so that it changes no other document's number.
        let project = Arc::new(library::Project::new(documents.iter().cloned().chain(declared).collect()));
        findings.extend(configured.check_project(&native::project(project), &[0]));
        findings
            .into_iter()
            .map(|finding| {
                let span = finding.at.span;
                let source = &documents[finding.at.document as usize].source;
                Found { token: source.slice(library::Span::new(span.start, span.end)).to_owned(), finding }
            })
            .collect()
    }

    /// A file with the first fix of every finding applied. Says nothing of whether fixes overlap.
    ///
    /// # Panics
    /// Where the text is not what its path says, or the options are refused.
    #[must_use]
    pub fn fixed(&self, path: &str, text: &str) -> String {
        let fixes = self.found(&[(path, text)]).into_iter().filter_map(|found| found.finding.fixes.into_iter().next());
        let mut edits: Vec<_> = fixes.flat_map(|fix| fix.edits).collect();
        edits.sort_by_key(|edit| edit.at.span);
        // From the end, so that places stay right.
        edits.into_iter().rev().fold(text.to_owned(), |mut fixed, edit| {
            fixed.replace_range(edit.at.span.start as usize..edit.at.span.end as usize, &edit.text);
            fixed
        })
    }

    fn configured(&self) -> Configured {
        // A test's plugin of one rule has to outlive the test, as a component's plugin does.
        let rules: &'static [&'static Rule] = Box::leak(Box::new([self.rule]));
        let plugin: &'static Plugin =
            Box::leak(Box::new(Plugin { name: "trial", version: "0.0.0", summary: "", homepage: "", rules }));
        match plugin.configure(&self.options) {
            Ok(configured) => configured,
            Err(faults) => {
                panic!("the options are refused: {faults:?}; they are {}", options::schema(self.rule.options))
            }
        }
    }
}

fn declared(objects: &[[&'static str; 3]]) -> library::Document {
    let text = objects.iter().flatten().copied().collect::<String>();
    let mut end = 0;
    let mut word = |text: &str| {
        let start = end;
        end += text.len() as u32;
        library::Word { text: text.to_owned(), span: library::Span::new(start, end) }
    };
    let mut declarations = Vec::new();
    for [kind, namespace, name] in objects {
        let (kind, namespace, name) = (word(kind), word(namespace), word(name));
        let namespace = Some(namespace).filter(|namespace| !namespace.text.is_empty());
        declarations.push(library::Declaration { kind, name, namespace });
    }
    library::declared(&Arc::new(library::Source::new("~/hullmark.yaml", text.into_bytes())), &declarations)
}

fn parse(path: &str, text: &str) -> Vec<library::Document> {
    let source = Arc::new(library::Source::new(path, text.as_bytes().to_vec()));
    let parsed = if path.ends_with(".yaml") {
        library::parse_manifests(&source, &library::ManifestContext::default())
    } else {
        library::parse_dockerfile(&source)
    };
    assert!(parsed.problems.is_empty(), "{path}: {:?}", parsed.problems);
    assert!(!parsed.documents.is_empty(), "{path} holds no document: a manifest needs `apiVersion` and `kind`");
    parsed.documents
}

fn tokens(found: Vec<Found>) -> Vec<String> {
    found.into_iter().map(|found| found.token).collect()
}
