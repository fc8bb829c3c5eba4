//! Image references and quantities, read by the host.

use crate::bindings::hullmark::policy::types as wit;
use crate::report::Place;
use crate::tree::Node;

pub use wit::Quantity;

/// An image reference where it is written.
///
/// ```
/// use hullmark_sdk::testing::parsed;
///
/// let document = parsed("FROM ghcr.io/acme/base:2\n");
/// let image = document.dockerfile().unwrap().final_stage().unwrap().image().unwrap();
/// assert_eq!((image.registry(), image.familiar_name().as_str(), image.tag()), ("ghcr.io", "ghcr.io/acme/base", Some("2")));
/// assert_eq!(document.text_at(image.tag_place().span), "2");
/// ```
#[derive(Clone, Debug)]
pub struct Image<'a> {
    node: Node<'a>,
    text: &'a str,
    parsed: wit::ImageReference,
}

impl<'a> Image<'a> {
    /// The reference that a node holds; nothing where it holds a variable or Docker would refuse it.
    #[must_use]
    pub fn of(node: Node<'a>) -> Option<Self> {
        let text = node.text()?;
        Some(Self { node, text, parsed: parse_image(text)? })
    }

    /// A reference that a node stands for although it is written otherwise: with variables, or in quotes.
    pub(crate) fn resolved(node: Node<'a>, text: &'a str) -> Option<Self> {
        Some(Self { node, text, parsed: parse_image(text)? })
    }

    /// Whether the node holds the reference itself, not variables that stand for it.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        self.node.value() == Some(self.text)
    }

    /// As written; where it is written with variables, with their values.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// `docker.io` where none is written.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.parsed.registry
    }

    /// Whether the registry is written.
    #[must_use]
    pub const fn has_explicit_registry(&self) -> bool {
        self.parsed.explicit_registry
    }

    /// `library/nginx` for `nginx` on docker.io.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.parsed.repository
    }

    /// Registry and repository as people write them: `python` for `docker.io/library/python`, `ghcr.io/acme/base`.
    #[must_use]
    pub fn familiar_name(&self) -> String {
        match (self.registry(), self.repository()) {
            ("docker.io", repository) => repository.strip_prefix("library/").unwrap_or(repository).to_owned(),
            (registry, repository) => format!("{registry}/{repository}"),
        }
    }

    /// The tag, if one is written.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.parsed.tag.as_deref()
    }

    /// The digest with its algorithm, if one is written.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.parsed.digest.as_deref()
    }

    /// The whole reference.
    #[must_use]
    pub fn place(&self) -> Place {
        self.node.place()
    }

    /// The name without tag and digest.
    #[must_use]
    pub fn name_place(&self) -> Place {
        self.part(self.parsed.name_at)
    }

    /// The tag; the whole reference where it has none.
    #[must_use]
    pub fn tag_place(&self) -> Place {
        self.part(self.parsed.tag_at)
    }

    /// The digest; the whole reference where it has none.
    #[must_use]
    pub fn digest_place(&self) -> Place {
        self.part(self.parsed.digest_at)
    }

    fn part(&self, at: wit::Span) -> Place {
        let range = at.start as usize..at.end as usize;
        match self.text.get(range) {
            Some(part) if !part.is_empty() && self.is_literal() => self.node.part(at.start as usize, part),
            _ => self.place(),
        }
    }
}

/// Reads an image reference; nothing for what Docker would refuse.
///
/// ```
/// let image = hullmark_sdk::parse_image("nginx:1.29").unwrap();
/// assert_eq!((image.registry.as_str(), image.repository.as_str()), ("docker.io", "library/nginx"));
/// assert_eq!((image.tag.as_deref(), image.digest), (Some("1.29"), None));
/// assert!(hullmark_sdk::parse_image("Not An Image").is_none());
/// ```
#[must_use]
pub fn parse_image(text: &str) -> Option<wit::ImageReference> {
    crate::backend::parse_image(text)
}

/// Reads a Kubernetes quantity.
///
/// # Errors
/// What is wrong with it.
pub fn parse_quantity(text: &str) -> Result<Quantity, String> {
    crate::backend::parse_quantity(text)
}

/// A quantity as one comparable number: `units`, then `nanos`.
///
/// ```
/// use hullmark_sdk::{magnitude, parse_quantity};
///
/// let size = |text: &str| magnitude(parse_quantity(text).unwrap());
/// assert!(size("100m") < size("1") && size("1Gi") > size("1G"));
/// assert!(parse_quantity("1 GB").is_err());
/// ```
#[must_use]
pub const fn magnitude(quantity: Quantity) -> (i64, i32) {
    (quantity.units, quantity.nanos)
}
