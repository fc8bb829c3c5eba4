//! What a schema says of a value, whoever wrote it: Kubernetes itself, or a CustomResourceDefinition.

/// A type of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape<S> {
    /// Whatever it is.
    Any,
    String,
    /// A whole number of 32 bits.
    Integer32,
    Integer,
    Number,
    Boolean,
    IntOrString,
    /// An amount: a number or a text.
    Quantity,
    List(S),
    /// Any keys, values of one type.
    Map(S),
    /// Named fields.
    Struct,
}

/// A schema.
pub(crate) trait Schema<'a>: Copy {
    /// What it describes.
    fn shape(self) -> Shape<Self>;

    /// A field of a [`Shape::Struct`].
    fn field(self, name: &str) -> Field<Self>;

    /// Names of its fields.
    fn fields(self) -> Vec<&'a str>;

    /// Names of the fields that must be there.
    fn required(self) -> Vec<&'a str>;

    /// What a person calls it.
    fn title(self) -> String;

    /// The texts that alone are allowed; empty where all are.
    fn allowed(self) -> Vec<&'a str>;
}

/// What a schema says of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field<S> {
    Known(S),
    /// There is none of that name in this version of Kubernetes, but in another: that one's minor number.
    Since(u8),
    Until(u8),
    Unknown,
    /// The schema lets it stand, whatever it is.
    Open,
}
