//! Asks a plugin what it is, at build time: its metadata becomes constants, so that the program knows all built-in
//! rules without running any of them.

use std::fmt::Write as _;

use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Engine, Store};

/// Fuel to describe itself.
const FUEL: u64 = 1_000_000_000;
/// The interface that a plugin exports, without its version.
const INTERFACE: &str = "hullmark:policy/plugin@";

/// The metadata of the plugin, which is to have that name, as a Rust expression.
pub(crate) fn describe(engine: &Engine, component: &Component, expected: &str) -> Result<String, String> {
    let info = call(engine, component).map_err(|error| format!("{error:#}"))?;
    let mut out = String::new();
    let name = text(&info, "name")?;
    if name != expected {
        return Err(format!("it calls itself `{name}`; its folder must have the same name"));
    }
    write_fields(&mut out, "Declared", &info, &["name", "version", "summary", "homepage", "options-schema"])?;
    out.push_str("rules: &[");
    let Val::List(rules) = field(&info, "rules")? else { return Err("the rules are no list".to_owned()) };
    for rule in rules {
        write_fields(&mut out, "DeclaredRule", rule, &["summary", "explanation", "level", "precision"])?;
        write_fields(&mut out, "", rule, &["options-schema", "since"])?;
        let id = format!("{name}/{}", text(rule, "name")?);
        write!(out, "id: {id:?}, ").map_err(|error| error.to_string())?;
        for name in ["enabled", "fragments"] {
            let value = matches!(field(rule, name)?, Val::Bool(true));
            write!(out, "{name}: {value}, ").map_err(|error| error.to_string())?;
        }
        let severity = match field(rule, "security-severity")? {
            Val::Option(Some(value)) => Some(string(value)?),
            _ => None,
        };
        write!(out, "security_severity: {severity:?}, ").map_err(|error| error.to_string())?;
        for name in ["tags", "aliases", "references", "subjects"] {
            let Val::List(words) = field(rule, name)? else { return Err(format!("{name} is no list")) };
            let words: Vec<&str> = words.iter().map(string).collect::<Result<_, _>>()?;
            write!(out, "{name}: &{words:?}, ").map_err(|error| error.to_string())?;
        }
        out.push_str("},");
    }
    out.push_str("]}");
    Ok(out)
}

/// Calls `describe` with nothing on the host's side: whoever describes itself asks nobody.
fn call(engine: &Engine, component: &Component) -> wasmtime::Result<Val> {
    let mut linker = Linker::new(engine);
    linker.define_unknown_imports_as_traps(component)?;
    let mut store = Store::new(engine, ());
    store.set_fuel(FUEL)?;
    let instance = linker.instantiate(&mut store, component)?;
    let ty = component.component_type();
    let exports: Vec<&str> = ty.exports(engine).map(|(name, _)| name).collect();
    let missing = || wasmtime::Error::msg(format!("it does not export `{INTERFACE}…` with `describe`"));
    let interface = exports.iter().find(|name| name.starts_with(INTERFACE)).ok_or_else(missing)?;
    let interface = instance.get_export_index(&mut store, None, interface).ok_or_else(missing)?;
    let function = instance.get_export_index(&mut store, Some(&interface), "describe").ok_or_else(missing)?;
    let function = instance.get_func(&mut store, function).ok_or_else(missing)?;
    let mut results = [Val::Bool(false)];
    function.call(&mut store, &[], &mut results)?;
    let [info] = results;
    Ok(info)
}

/// Opens a record, or goes on with one where it has no name, with these fields of text.
fn write_fields(out: &mut String, record: &str, value: &Val, names: &[&str]) -> Result<(), String> {
    if !record.is_empty() {
        *out += &format!("{record} {{ ");
    }
    for name in names {
        *out += &format!("{}: {:?}, ", name.replace('-', "_"), text(value, name)?);
    }
    Ok(())
}

fn field<'a>(value: &'a Val, name: &str) -> Result<&'a Val, String> {
    let Val::Record(fields) = value else { return Err("a plugin describes itself with a record".to_owned()) };
    let found = fields.iter().find(|(field, _)| field == name);
    found.map(|(_, value)| value).ok_or_else(|| format!("the field {name} is missing"))
}

fn text<'a>(value: &'a Val, name: &str) -> Result<&'a str, String> {
    string(field(value, name)?)
}

fn string(value: &Val) -> Result<&str, String> {
    if let Val::String(text) = value { Ok(text) } else { Err("a text is missing".to_owned()) }
}
