//! What is wrong with a policy, and where.

use std::sync::Arc;

use crate::document::{Source, Span};
use crate::finding::Place;

/// Something wrong with a policy.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct PolicyError {
    /// The token at fault; nothing where the command line is.
    pub place: Option<Place>,
    /// One sentence, lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl PolicyError {
    /// An error of the command line.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), help: None }
    }

    /// An error in a policy's text.
    pub(super) fn at(source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        Self { place: Some(Place { source: Arc::clone(source), span }), ..Self::new(message) }
    }

    /// Adds what to do.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Adds the name that may be meant, or else what to do.
    pub(super) fn suggest(self, name: Option<String>, otherwise: impl Into<String>) -> Self {
        let suggestion = name.map(|name| format!("did you mean `{name}`?"));
        self.help(suggestion.unwrap_or_else(|| otherwise.into()))
    }
}
