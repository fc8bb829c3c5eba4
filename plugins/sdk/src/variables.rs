//! Variables that BuildKit replaces, and the words that they stand in.

use crate::bindings::hullmark::policy::types as wit;
use crate::dockerfile::Instruction;
use crate::report::Place;
use crate::tree::{Node, Span, Strings};

/// How a variable stands where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The file tells its value.
    Known,
    /// An ARG without a default.
    Open,
    /// Its value is known at build time only, as that of TARGETARCH; or the host knows more than this SDK.
    Unknown,
    /// Not declared; the base image may bring it.
    Undeclared,
    /// Not declared, and nothing else brings it.
    Undefined,
}

impl From<u8> for Standing {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Known,
            1 => Self::Open,
            3 => Self::Undeclared,
            4 => Self::Undefined,
            _ => Self::Unknown,
        }
    }
}

/// A use of a variable in a word that BuildKit expands.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The variable.
    pub name: &'a str,
    /// The word that it stands in.
    pub node: Node<'a>,
    /// From `$` to the end of the name or to `}`; the whole word where quotes or escapes hide the place.
    pub place: Place,
    /// How the variable stands here.
    pub standing: Standing,
    /// Whether the form says what holds without a value: `${name:-…}`, `${name:+…}`.
    pub has_default: bool,
}

/// The columns with their strings.
#[derive(Debug)]
pub(crate) struct VariableTable {
    columns: wit::Variables,
    strings: Strings,
}

impl VariableTable {
    pub(crate) fn new(mut columns: wit::Variables) -> Self {
        let table = wit::StringTable { bytes: Vec::new(), ends: Vec::new() };
        let strings = Strings::new(std::mem::replace(&mut columns.strings, table));
        Self { columns, strings }
    }
}

impl<'a> Instruction<'a> {
    /// Variables in its words, where BuildKit replaces them; not those of a shell's text, which the shell replaces.
    pub fn references(self) -> impl Iterator<Item = Reference<'a>> {
        let document = self.node().document();
        let VariableTable { columns, strings } = document.variables();
        // In the order of the tree, and no word has another below it.
        let first = columns.reference_nodes.partition_point(|&node| node < self.node().index);
        (first..columns.reference_nodes.len()).map_while(move |index| {
            let node = document.node(*columns.reference_nodes.get(index)?);
            Some(Reference {
                node: (node.parent() == Some(self.node())).then_some(node)?,
                name: strings.get(*columns.reference_names.get(index)?)?,
                place: document
                    .place(Span::new(*columns.reference_starts.get(index)?, *columns.reference_ends.get(index)?)),
                standing: Standing::from(*columns.reference_states.get(index)?),
                has_default: columns.reference_defaults.get(index) == Some(&1),
            })
        })
    }
}

impl<'a> Node<'a> {
    /// What a word of a Dockerfile comes to: quotes and escapes removed, variables replaced as far as the file tells their
    /// values. Nothing where it does not tell all of them, or where BuildKit would refuse the word.
    #[must_use]
    pub fn resolved(self) -> Option<&'a str> {
        match self.expansion() {
            Expansion::Whole(value) => Some(value),
            Expansion::Partial(_) | Expansion::None => None,
        }
    }

    /// What a word of a Dockerfile comes to when nobody gives a value to an ARG: nothing stands in the place of a variable
    /// without one.
    #[must_use]
    pub fn resolved_empty(self) -> Option<&'a str> {
        match self.expansion() {
            Expansion::Whole(value) | Expansion::Partial(value) => Some(value),
            Expansion::None => None,
        }
    }

    fn expansion(self) -> Expansion<'a> {
        let VariableTable { columns, strings } = self.document().variables();
        if let Ok(index) = columns.nodes.binary_search(&self.index) {
            let value = columns.values.get(index).and_then(|&value| strings.get(value));
            return match (value, columns.complete.get(index)) {
                (Some(value), Some(1)) => Expansion::Whole(value),
                (Some(value), _) => Expansion::Partial(value),
                (None, _) => Expansion::None,
            };
        }
        // One of these in a word that is not in the table means that BuildKit refuses it.
        let is_plain = |value: &&str| !value.contains(['$', '\'', '"', '\\']);
        self.value().filter(is_plain).map_or(Expansion::None, Expansion::Whole)
    }
}

/// What became of a word.
enum Expansion<'a> {
    Whole(&'a str),
    Partial(&'a str),
    None,
}
