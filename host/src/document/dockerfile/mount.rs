//! The value of `RUN --mount`: a record of fields parted by commas.

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field<'v> {
    /// The whole field.
    pub(crate) text: &'v str,
    /// The text before `=`.
    pub(crate) key: &'v str,
    /// The text after it.
    pub(crate) value: Option<&'v str>,
}

/// The fields of a value. Quotes are gone by now: the flag's own word processing removes them.
pub(crate) fn fields(value: &str) -> impl Iterator<Item = Field<'_>> {
    value.split(',').map(|text| {
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        Field { text, key, value }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_have_no_value() {
        let found: Vec<_> = fields("type=bind,ro,from=").map(|field| (field.key, field.value)).collect();
        assert_eq!(found, [("type", Some("bind")), ("ro", None), ("from", Some(""))]);
    }
}
