//! Makes `tables.bin`: fields, types and required fields of every Kubernetes kind, for all versions that `k8s-openapi` knows.
//!
//! The crate holds one version per build. So each build writes what it knows as JSON (`… --features v1_37 -- dump`), and
//! `join` puts those together. The script `run` does all of it. What the file looks like says `tables.rs` of the plugin.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::{env, fs, io};

use k8s_openapi::Resource;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Minor number of the oldest version; bit 0 of a set of versions stands for it.
const OLDEST: u8 = 33;
/// What every table is made of: the same for all that may change its bytes.
const SOURCES: [&str; 4] = [
    include_str!("main.rs"),
    include_str!("../build.rs"),
    include_str!("../Cargo.toml"),
    include_str!("../Cargo.lock"),
];

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match &arguments[..] {
        [command] if command == "dump" => dump(),
        [command, out, dumps @ ..] if command == "join" => join(out, dumps),
        _ => panic!("usage: dump | join OUT DUMP…"),
    };
    result.expect("files can be read and written");
}

/// What one version knows.
struct Dump {
    generator: SchemaGenerator,
    kinds: Vec<Value>,
}

fn visit<T: Resource + JsonSchema>(dump: &mut Dump) {
    let schema = dump.generator.subschema_for::<T>();
    dump.kinds.push(json!({"version": T::API_VERSION, "kind": T::KIND, "schema": schema}));
}

fn dump() -> io::Result<()> {
    let mut dump = Dump { generator: SchemaGenerator::default(), kinds: Vec::new() };
    visit_all(&mut dump);
    let definitions = dump.generator.take_definitions(true);
    writeln!(io::stdout(), "{}", json!({"kinds": dump.kinds, "definitions": definitions}))
}

/// A type, as the tables have it: its number, and what it is of.
type Type = (u8, u16);

/// What stands in the tables of one definition's field.
#[derive(Clone, Copy, Default)]
struct Versions {
    known: u8,
    required: u8,
}

/// All versions together.
#[derive(Default)]
struct Tables {
    /// Names of definitions, sorted; a definition's number is its place here.
    definitions: Vec<String>,
    types: Vec<Type>,
    /// Fields by definition, name and type.
    fields: BTreeMap<(u16, String, u16), Versions>,
    /// Definition and versions by `apiVersion` and kind.
    kinds: BTreeMap<(String, String), (u16, u8)>,
}

fn join(out: &str, dumps: &[String]) -> io::Result<()> {
    let dumps: Vec<Value> =
        dumps.iter().map(|path| Ok(serde_json::from_str(&fs::read_to_string(path)?)?)).collect::<io::Result<_>>()?;
    let mut tables = Tables::default();
    let names = dumps.iter().flat_map(|dump| entries(&dump["definitions"])).map(|(name, _)| name.clone());
    tables.definitions = names.collect::<BTreeSet<_>>().into_iter().collect();
    for (index, dump) in dumps.iter().enumerate() {
        tables.add(dump, 1 << index);
    }
    fs::write(out, tables.bytes(dumps.len() as u8))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

impl Tables {
    fn add(&mut self, dump: &Value, version: u8) {
        for (name, definition) in entries(&dump["definitions"]) {
            let number = self.definition(name);
            let required: Vec<&str> =
                definition["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (field, schema) in entries(&definition["properties"]) {
                let of = self.type_of(schema, &dump["definitions"]);
                let versions = self.fields.entry((number, field.clone(), of)).or_default();
                versions.known |= version;
                // The crate alone requires metadata; Kubernetes says that a name is missing, where one is.
                let is_metadata = schema["$ref"].as_str().is_some_and(|reference| reference.ends_with(".ObjectMeta"));
                if required.contains(&field.as_str()) && !is_metadata {
                    versions.required |= version;
                }
            }
        }
        for kind in dump["kinds"].as_array().into_iter().flatten() {
            let [group, name] = ["version", "kind"].map(|key| kind[key].as_str().expect("a text").to_owned());
            let reference = kind["schema"]["$ref"].as_str().expect("a kind is a definition");
            let number = self.definition(&target(reference));
            self.kinds.entry((group, name)).or_insert((number, 0)).1 |= version;
        }
    }

    fn definition(&self, name: &str) -> u16 {
        self.definitions.binary_search_by(|known| known.as_str().cmp(name)).expect("all names are known") as u16
    }

    /// Number of a schema's type. The numbers of what it may be are those of `tables.rs`.
    fn type_of(&mut self, schema: &Value, definitions: &Value) -> u16 {
        let of = self.describe(schema, definitions);
        self.types.iter().position(|known| *known == of).unwrap_or_else(|| {
            self.types.push(of);
            self.types.len() - 1
        }) as u16
    }

    fn describe(&mut self, schema: &Value, definitions: &Value) -> Type {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = target(reference);
            let definition = &definitions[&name];
            if name.ends_with(".Quantity") {
                return (7, 0);
            }
            return match definition["properties"].is_object() {
                true => (10, self.definition(&name)),
                // A name for something simple, such as a time.
                false => self.describe(definition, definitions),
            };
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return (6, 0);
        }
        match schema["type"].as_str() {
            Some("string") => (1, 0),
            Some("integer") if schema["format"] == "int32" => (2, 0),
            Some("integer") => (3, 0),
            Some("number") => (4, 0),
            Some("boolean") => (5, 0),
            Some("array") => (8, self.type_of(&schema["items"], definitions)),
            Some("object") if schema["additionalProperties"].is_object() => {
                (9, self.type_of(&schema["additionalProperties"], definitions))
            }
            _ => (0, 0),
        }
    }

    fn bytes(&self, versions: u8) -> Vec<u8> {
        let mut strings = Strings::default();
        let mut body = Vec::new();
        for ((group, kind), (definition, known)) in &self.kinds {
            let numbers = [strings.add(group), strings.add(kind), *definition, u16::from(*known)];
            numbers.iter().for_each(|number| body.extend(number.to_le_bytes()));
        }
        let mut first = 0_u16;
        for (number, name) in self.definitions.iter().enumerate() {
            body.extend(strings.add(name.trim_start_matches("io.k8s.")).to_le_bytes());
            body.extend(first.to_le_bytes());
            first += self.fields.keys().filter(|(of, ..)| usize::from(*of) == number).count() as u16;
        }
        for ((_, name, of), versions) in &self.fields {
            body.extend(strings.add(name).to_le_bytes());
            body.extend(of.to_le_bytes());
            body.extend([versions.known, versions.required]);
        }
        for (kind, of) in &self.types {
            body.extend([*kind, 0]);
            body.extend(of.to_le_bytes());
        }
        let mut bytes = format!("k8s-openapi {} {:016x}\n", crate_version(), fingerprint()).into_bytes();
        bytes.extend([OLDEST, versions]);
        let counts =
            [self.kinds.len(), self.definitions.len(), self.fields.len(), self.types.len(), strings.ends.len()];
        counts.iter().for_each(|&count| bytes.extend((count as u16).to_le_bytes()));
        bytes.extend(body);
        strings.ends.iter().for_each(|end| bytes.extend(end.to_le_bytes()));
        bytes.extend(strings.text.into_bytes());
        bytes
    }
}

/// The name that a reference to a definition ends with.
fn target(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or(reference).to_owned()
}

/// Each string once.
#[derive(Default)]
struct Strings {
    numbers: BTreeMap<String, u16>,
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn add(&mut self, string: &str) -> u16 {
        if let Some(&number) = self.numbers.get(string) {
            return number;
        }
        let number = self.ends.len() as u16;
        self.numbers.insert(string.to_owned(), number);
        self.text.push_str(string);
        self.ends.push(self.text.len() as u32);
        number
    }
}

/// The version of `k8s-openapi` that the lock file names.
fn crate_version() -> &'static str {
    let lock = SOURCES[3];
    let after = lock.split_once("name = \"k8s-openapi\"\nversion = \"").expect("it is locked").1;
    after.split_once('"').expect("the lock file is whole").0
}

/// FNV-1a of the generator's sources.
fn fingerprint() -> u64 {
    let bytes = SOURCES.iter().flat_map(|source| source.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
