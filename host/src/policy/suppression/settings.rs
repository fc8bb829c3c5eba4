//! What a project demands of exceptions.

/// What the configuration says of exceptions, under `suppressions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuppressionSettings {
    /// `require-reason`: an exception that does not say why does not count.
    pub require_reason: bool,
    /// `unsuppressible`: names of rules that allow no exceptions, in any form that names rules.
    pub unsuppressible: Vec<String>,
}
