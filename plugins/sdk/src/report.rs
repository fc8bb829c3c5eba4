//! What a rule says.

use std::borrow::Cow;

use crate::options::OptionValues;
use crate::rule::Rule;
use crate::tree::{Node, Span};

/// A span in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number of the document in this call.
    pub document: u32,
    /// Bytes in its source file.
    pub span: Span,
}

impl From<Node<'_>> for Place {
    fn from(node: Node<'_>) -> Self {
        node.place()
    }
}

/// Replaces the text at a place; an empty place inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) at: Place,
    pub(crate) text: String,
}

/// Edits that together remove a finding.
///
/// ```
/// use hullmark_sdk::Fix;
/// use hullmark_sdk::testing::parsed;
///
/// let document = parsed("FROM x\nADD a b\n");
/// let add = document.dockerfile().unwrap().instructions().last().unwrap();
/// let fix = Fix::safe("use `COPY`").replace(add.place(), "COPY").insert_after(add.place(), " --chown=app");
/// assert_eq!(fix.edits().map(|(_, text)| text).collect::<Vec<_>>(), ["COPY", " --chown=app"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) edits: Vec<Edit>,
}

impl Fix {
    /// A fix that may be applied without a person looking. The title is imperative: "use `apt-get`".
    #[must_use]
    pub fn safe(title: impl Into<String>) -> Self {
        Self { title: title.into(), safe: true, edits: Vec::new() }
    }

    /// A fix that a person must look at.
    #[must_use]
    pub fn needs_review(title: impl Into<String>) -> Self {
        Self { title: title.into(), safe: false, edits: Vec::new() }
    }

    /// Replaces what stands at a place.
    #[must_use]
    pub fn replace(mut self, at: impl Into<Place>, text: impl Into<String>) -> Self {
        self.edits.push(Edit { at: at.into(), text: text.into() });
        self
    }

    /// Inserts before a place.
    #[must_use]
    pub fn insert_before(self, at: impl Into<Place>, text: impl Into<String>) -> Self {
        let Place { document, span } = at.into();
        self.replace(Place { document, span: span.before() }, text)
    }

    /// Inserts after a place.
    #[must_use]
    pub fn insert_after(self, at: impl Into<Place>, text: impl Into<String>) -> Self {
        let Place { document, span } = at.into();
        self.replace(Place { document, span: span.after() }, text)
    }

    /// Its edits: where, and the text that comes there.
    pub fn edits(&self) -> impl Iterator<Item = (Place, &str)> {
        self.edits.iter().map(|edit| (edit.at, edit.text.as_str()))
    }
}

/// What one rule reports at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) rule: String,
    pub(crate) message: String,
    pub(crate) at: Place,
    pub(crate) related: Vec<(Place, String)>,
    pub(crate) fixes: Vec<Fix>,
    pub(crate) aliases: Option<Vec<Cow<'static, str>>>,
    pub(crate) properties: Vec<(String, String)>,
}

impl Finding {
    /// Adds a second place that explains the finding.
    pub fn related(&mut self, at: impl Into<Place>, message: impl Into<String>) -> &mut Self {
        self.related.push((at.into(), message.into()));
        self
    }

    /// Adds a way to mend it.
    pub fn fix(&mut self, fix: Fix) -> &mut Self {
        self.fixes.push(fix);
        self
    }

    /// Says which of the rule's aliases would report this very occurrence, where it is not all of them.
    pub fn aliases(&mut self, aliases: &[&'static str]) -> &mut Self {
        self.aliases = Some(aliases.iter().copied().map(Cow::Borrowed).collect());
        self
    }

    /// [`Finding::aliases`], each alias with whether its tool would report this very occurrence.
    pub fn aliases_if(&mut self, aliases: &[(&'static str, bool)]) -> &mut Self {
        let reporting = aliases.iter().filter(|(_, reports)| *reports);
        self.aliases = Some(reporting.map(|(alias, _)| Cow::Borrowed(*alias)).collect());
        self
    }

    /// Adds a property for later readers.
    pub fn property(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.properties.push((name.into(), value.into()));
        self
    }

    /// The sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.at
    }

    /// Every place that it names: its own, the second ones, and those of its edits.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let edits = self.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.at);
        std::iter::once(self.at).chain(self.related.iter().map(|(place, _)| *place)).chain(edits)
    }

    /// Ways to mend it.
    #[must_use]
    pub fn fixes(&self) -> &[Fix] {
        &self.fixes
    }
}

/// Takes the findings of one rule.
#[derive(Debug)]
pub struct Report<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) options: &'a OptionValues,
    pub(crate) findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    /// Reports at a place: the smallest token at fault. The message is one sentence without a full stop, with the
    /// offending value in backticks.
    pub fn finding(&mut self, at: impl Into<Place>, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding {
            rule: self.rule.name(),
            message: message.into(),
            at: at.into(),
            related: Vec::new(),
            fixes: Vec::new(),
            aliases: None,
            properties: Vec::new(),
        });
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// The rule's options.
    #[must_use]
    pub fn options(&self) -> &OptionValues {
        self.options
    }
}
