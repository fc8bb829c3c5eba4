//! The kinds of Kubernetes and their fields, for several versions at once, looked up where they lie in the component.
//!
//! `tables.bin` is made by the crate in `generator/`. It begins with a line that says of what; then come the minor number
//! of the oldest version and the number of versions (a byte each), five counts, and as many kinds, definitions, fields, types and
//! strings. All numbers are little-endian and have 16 bits unless something else is said:
//!
//! - kind: `apiVersion`, name, definition, versions; sorted by the texts
//! - definition: name, first field; sorted by name
//! - field: name, type, versions that know it, versions that require it (8 bits each); sorted by definition and name
//! - type: number of its shape, the type or definition that it is of
//! - string: where it ends (32 bits) in the text that follows
//!
//! A set of versions has a bit for each, the lowest for the oldest. A field whose type changed stands there twice.

use crate::enumerations;
use crate::schema::{Field, Schema, Shape};
use crate::version::Version;

const BYTES: &[u8] = include_bytes!("tables.bin");
const KIND: usize = 8;
const DEFINITION: usize = 4;
const FIELD: usize = 6;
const TYPE: usize = 4;
const STRING: usize = 4;

/// Where everything lies.
#[derive(Clone, Copy, Debug)]
struct Layout {
    oldest: u8,
    versions: u8,
    kinds: Table,
    definitions: Table,
    fields: Table,
    types: Table,
    strings: Table,
    text: usize,
}

/// Records of one length.
#[derive(Clone, Copy, Debug)]
struct Table {
    start: usize,
    count: usize,
    width: usize,
}

impl Table {
    /// Number `at` of a record.
    const fn number(self, record: usize, at: usize) -> u16 {
        number(self.start + record * self.width + at)
    }
}

const LAYOUT: Layout = layout();

const fn layout() -> Layout {
    let mut at = 0;
    while BYTES[at] != b'\n' {
        at += 1;
    }
    let counts = at + 3;
    let kinds = Table { start: counts + 10, count: number(counts) as usize, width: KIND };
    let definitions = after(kinds, number(counts + 2), DEFINITION);
    let fields = after(definitions, number(counts + 4), FIELD);
    let types = after(fields, number(counts + 6), TYPE);
    let strings = after(types, number(counts + 8), STRING);
    let text = strings.start + strings.count * STRING;
    Layout { oldest: BYTES[at + 1], versions: BYTES[at + 2], kinds, definitions, fields, types, strings, text }
}

const fn after(table: Table, count: u16, width: usize) -> Table {
    Table { start: table.start + table.count * table.width, count: count as usize, width }
}

const fn number(at: usize) -> u16 {
    u16::from_le_bytes([BYTES[at], BYTES[at + 1]])
}

fn string(index: u16) -> &'static str {
    let end = |index: usize| {
        let at = LAYOUT.strings.start + index * STRING;
        BYTES.get(at..at + STRING).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes) as usize
    };
    let index = usize::from(index);
    let start = if index == 0 { 0 } else { end(index - 1) };
    let bytes = BYTES.get(LAYOUT.text + start..LAYOUT.text + end(index));
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The first of `count` records for which `is_before` no longer holds.
fn partition(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The definition of a kind in that version of Kubernetes; nothing where it has no such kind.
pub(crate) fn kind(api_version: &str, kind: &str, version: Version) -> Option<Builtin> {
    let kinds = LAYOUT.kinds;
    let texts = |record| (string(kinds.number(record, 0)), string(kinds.number(record, 2)));
    let record = partition(kinds.count, |record| texts(record) < (api_version, kind));
    if record == kinds.count || texts(record) != (api_version, kind) {
        return None;
    }
    let bit = bit(version);
    (kinds.number(record, 6) & u16::from(bit) != 0).then(|| Builtin::definition(kinds.number(record, 4), bit))
}

/// Whether some version of Kubernetes has a kind of that name.
pub(crate) fn has_kind(kind: &str) -> bool {
    (0..LAYOUT.kinds.count).any(|record| string(LAYOUT.kinds.number(record, 2)) == kind)
}

/// The definition of that name, such as `apimachinery.pkg.apis.meta.v1.ObjectMeta`.
pub(crate) fn definition(name: &str, version: Version) -> Option<Builtin> {
    let definitions = LAYOUT.definitions;
    let text = |record| string(definitions.number(record, 0));
    let record = partition(definitions.count, |record| text(record) < name);
    (record < definitions.count && text(record) == name).then(|| Builtin::definition(record as u16, bit(version)))
}

/// The bit of a version; that of the oldest or newest for one that the tables do not have.
fn bit(version: Version) -> u8 {
    let newest = LAYOUT.oldest + LAYOUT.versions - 1;
    1 << (version.minor.clamp(LAYOUT.oldest, newest) - LAYOUT.oldest)
}

/// A type of Kubernetes itself, in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Builtin {
    shape: u16,
    of: u16,
    /// The version.
    bit: u8,
    /// Definition and record of the field whose value, or whose items, it describes.
    field: Option<(u16, usize)>,
}

/// Number of [`Shape::Struct`] in the tables.
const STRUCT: u16 = 10;

impl Builtin {
    const fn definition(number: u16, bit: u8) -> Self {
        Self { shape: STRUCT, of: number, bit, field: None }
    }

    fn of(self, number: u16) -> Self {
        let types = LAYOUT.types;
        Self { shape: types.number(usize::from(number), 0), of: types.number(usize::from(number), 2), ..self }
    }

    /// Records of its fields, those of other versions included.
    fn records(self) -> std::ops::Range<usize> {
        let definition = usize::from(self.of);
        let definitions = LAYOUT.definitions;
        let end = if definition + 1 < definitions.count {
            usize::from(definitions.number(definition + 1, 2))
        } else {
            LAYOUT.fields.count
        };
        usize::from(definitions.number(definition, 2))..end
    }

    fn named(record: usize) -> &'static str {
        string(LAYOUT.fields.number(record, 0))
    }

    /// The versions that know a field, and those that require it.
    fn versions(record: usize) -> [u8; 2] {
        LAYOUT.fields.number(record, 4).to_le_bytes()
    }
}

impl Schema<'static> for Builtin {
    fn shape(self) -> Shape<Self> {
        match self.shape {
            1 => Shape::String,
            2 => Shape::Integer32,
            3 => Shape::Integer,
            4 => Shape::Number,
            5 => Shape::Boolean,
            6 => Shape::IntOrString,
            7 => Shape::Quantity,
            8 => Shape::List(self.of(self.of)),
            9 => Shape::Map(self.of(self.of)),
            STRUCT => Shape::Struct,
            _ => Shape::Any,
        }
    }

    fn field(self, name: &str) -> Field<Self> {
        let records = self.records();
        let first = records.start + partition(records.len(), |at| Self::named(records.start + at) < name);
        let mut elsewhere = 0;
        for record in (first..records.end).take_while(|&record| Self::named(record) == name) {
            let [known, _] = Self::versions(record);
            if known & self.bit != 0 {
                let value = self.of(LAYOUT.fields.number(record, 2));
                return Field::Known(Self { field: Some((self.of, record)), ..value });
            }
            elsewhere |= known;
        }
        // The bits above stand for later versions.
        let later = elsewhere & !(self.bit - 1);
        match (elsewhere, later) {
            (0, _) => Field::Unknown,
            (_, 0) => Field::Until(LAYOUT.oldest + 8 - elsewhere.leading_zeros() as u8),
            (_, later) => Field::Since(LAYOUT.oldest + later.trailing_zeros() as u8),
        }
    }

    fn fields(self) -> Vec<&'static str> {
        let known = self.records().filter(|&record| Self::versions(record)[0] & self.bit != 0);
        known.map(Self::named).collect()
    }

    /// The newest version that knows a field decides for all: older schemas require fields that the API server itself fills
    /// in, such as `apiGroup` of a role's reference, and leave out what it refuses to go without, such as `spec`.
    fn required(self) -> Vec<&'static str> {
        let required = self.records().filter(|&record| {
            let [known, required] = Self::versions(record);
            let newest = 1 << (7 - known.leading_zeros());
            known & self.bit != 0 && required & newest != 0
        });
        required.map(Self::named).collect()
    }

    fn title(self) -> String {
        let name = string(LAYOUT.definitions.number(usize::from(self.of), 0));
        format!("`{}`", name.rsplit('.').next().unwrap_or(name))
    }

    fn allowed(self) -> Vec<&'static str> {
        let Some((definition, record)) = self.field else { return Vec::new() };
        let definition = string(LAYOUT.definitions.number(usize::from(definition), 0));
        enumerations::of(definition, Self::named(record)).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the generator is made of, in the order in which it reads it.
    const GENERATOR: [&str; 4] = [
        include_str!("../generator/src/main.rs"),
        include_str!("../generator/build.rs"),
        include_str!("../generator/Cargo.toml"),
        include_str!("../generator/Cargo.lock"),
    ];
    const NEWEST: Version = Version::NEWEST;

    #[test]
    fn the_tables_are_those_that_the_generator_makes() {
        let bytes = GENERATOR.iter().flat_map(|source| source.bytes());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let head = BYTES.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        assert!(
            head.starts_with("k8s-openapi ") && head.ends_with(&format!(" {hash:016x}")),
            "the tables are of another generator ({head}, not {hash:016x}): run `plugins/api/generator/run`"
        );
    }

    #[test]
    fn the_tables_are_small() {
        assert!(BYTES.len() < 300_000, "{}", BYTES.len());
        assert_eq!(usize::from(LAYOUT.versions), 5);
        assert_eq!(NEWEST.minor, LAYOUT.oldest + LAYOUT.versions - 1);
    }

    #[test]
    fn a_pod_has_containers() {
        let pod = kind("v1", "Pod", NEWEST).unwrap();
        let Field::Known(spec) = pod.field("spec") else { panic!() };
        assert_eq!(spec.required(), ["containers"]);
        let Field::Known(containers) = spec.field("containers") else { panic!() };
        let Shape::List(container) = containers.shape() else { panic!() };
        assert_eq!(container.title(), "`Container`");
        assert_eq!(container.required(), ["name"]);
        assert!(container.fields().contains(&"imagePullPolicy"));
        assert_eq!(container.field("imagee"), Field::Unknown);
    }
}
