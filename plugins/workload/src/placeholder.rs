//! Texts that another program fills in before Kubernetes sees them. No rule belongs here.

/// Whether a text holds a placeholder such as `${NAME}`, `{{ name }}`, `<name>` or `@name@`, so that nothing is known of it.
pub(crate) fn is_filled_in(text: &str) -> bool {
    text.contains(['$', '{', '<', '%', '@', '#'])
}
