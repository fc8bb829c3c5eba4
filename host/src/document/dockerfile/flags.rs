//! Which flags an instruction takes, and what their values may be.

use super::{Command, Extent, Flag, Statement, SyntaxError, mount, suggest};

/// What a flag's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing, `true` or `false`.
    Switch,
    /// Any text; stands once.
    Text,
    /// Any text; may stand again.
    List,
}

/// The flags of an instruction; `None` where BuildKit passes over them unread.
const fn known(command: Command) -> Option<&'static [(&'static str, Kind)]> {
    use Kind::{List, Switch, Text};
    Some(match command {
        Command::From => &[("platform", Text)],
        Command::Copy => &[
            ("from", Text),
            ("chown", Text),
            ("chmod", Text),
            ("link", Switch),
            ("parents", Switch),
            ("exclude", List),
        ],
        Command::Add => &[
            ("chown", Text),
            ("chmod", Text),
            ("link", Switch),
            ("keep-git-dir", Switch),
            ("checksum", Text),
            ("unpack", Switch),
            ("exclude", List),
        ],
        Command::Run => &[("mount", List), ("network", Text), ("security", Text), ("device", List)],
        Command::Healthcheck => &[
            ("interval", Text),
            ("timeout", Text),
            ("start-period", Text),
            ("start-interval", Text),
            ("retries", Text),
        ],
        Command::Arg | Command::StopSignal => return None,
        _ => &[],
    })
}

/// What is wrong with the flags of an instruction.
pub(crate) fn refused(command: Command, statement: &Statement, report: &mut impl FnMut(Extent, SyntaxError)) {
    let Some(known) = known(command) else { return };
    let mut seen: Vec<&str> = Vec::new();
    for flag in &statement.flags {
        let Some((name, kind)) = known.iter().find(|(name, _)| *name == flag.name) else {
            let suggestion = suggest::nearest(&flag.name, known.iter().map(|(name, _)| *name));
            let suggestion = suggestion.map(|name| format!("--{name}"));
            report(flag.name_extent, SyntaxError::UnknownFlag { name: flag.name.clone(), suggestion });
            continue;
        };
        if *kind != Kind::List && seen.contains(name) {
            report(flag.extent, SyntaxError::DuplicateFlag(flag.name.clone()));
            continue;
        }
        seen.push(name);
        match (&flag.value, kind) {
            (None, Kind::Switch) => {}
            (None, Kind::Text | Kind::List) => {
                report(flag.extent, SyntaxError::FlagWithoutValue(flag.name.clone()));
            }
            (Some(value), Kind::Switch) => switch(flag, value, report),
            (Some(value), Kind::Text | Kind::List) => text(flag, value, report),
        }
    }
}

/// Where a flag's value stands; the whole flag where quotes or escapes are removed from it.
fn value_extent(flag: &Flag, value: &str) -> Extent {
    let start = flag.name_extent.end + 1;
    let as_written = start as usize + value.len() == flag.extent.end as usize;
    if as_written && !value.is_empty() { Extent { start, end: flag.extent.end } } else { flag.extent }
}

fn switch(flag: &Flag, value: &str, report: &mut impl FnMut(Extent, SyntaxError)) {
    let name = flag.name.clone();
    if value.is_empty() {
        report(flag.extent, SyntaxError::FlagWithoutValue(name));
    } else if !["true", "false"].iter().any(|known| value.eq_ignore_ascii_case(known)) {
        report(value_extent(flag, value), SyntaxError::FlagNotBoolean { name, value: value.to_owned() });
    }
}

/// Values that BuildKit reads itself. Where a variable stands it is left to the build.
fn text(flag: &Flag, value: &str, report: &mut impl FnMut(Extent, SyntaxError)) {
    let mut refuse = |name, expected| {
        report(value_extent(flag, value), SyntaxError::FlagValue { name, value: value.to_owned(), expected });
    };
    const DURATION: &str = "a duration of at least one millisecond, like `30s`";
    match flag.name.as_str() {
        "mount" => mount_fields(flag, value, report),
        _ if value.contains('$') => {}
        "network" if !["default", "none", "host"].contains(&value) => {
            refuse("network", "`default`, `none` or `host`");
        }
        "security" if !["insecure", "sandbox"].contains(&value) => refuse("security", "`insecure` or `sandbox`"),
        _ if value.is_empty() => {}
        "interval" if !is_duration(value) => refuse("interval", DURATION),
        "timeout" if !is_duration(value) => refuse("timeout", DURATION),
        "start-period" if !is_duration(value) => refuse("start-period", DURATION),
        "start-interval" if !is_duration(value) => refuse("start-interval", DURATION),
        "retries" if value.parse::<i32>().is_ok_and(|number| number >= 0) => {}
        "retries" => refuse("retries", "a number that is not negative"),
        _ => {}
    }
}

/// Keys of a mount, and those that may stand alone.
const MOUNT_KEYS: [&str; 16] = [
    "type",
    "from",
    "source",
    "src",
    "target",
    "dst",
    "destination",
    "id",
    "sharing",
    "size",
    "mode",
    "uid",
    "gid",
    "env",
    "required",
    "readonly",
];
const MOUNT_SWITCHES: [&str; 5] = ["readonly", "ro", "readwrite", "rw", "required"];
const MOUNT_TYPES: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];

fn mount_fields(flag: &Flag, value: &str, report: &mut impl FnMut(Extent, SyntaxError)) {
    // Quotes that outlive the flag's own word processing make a record that is not split at every comma.
    if value.contains('"') {
        return;
    }
    let whole = value_extent(flag, value);
    let as_written = (whole.end - whole.start) as usize == value.len();
    let mut start = whole.start;
    for field in mount::fields(value) {
        let end = start + field.text.len() as u32;
        // An empty field is shown with the comma before it.
        let shown = Extent { start: if start == end { start.saturating_sub(1) } else { start }, end };
        let extent = if as_written { shown } else { whole };
        start = end + 1;
        let key = field.key.to_lowercase();
        let switch = MOUNT_SWITCHES.contains(&key.as_str());
        let error = match field.value {
            None if switch => continue,
            None => SyntaxError::MountField(field.text.to_owned()),
            Some(_) if key.contains('$') => continue,
            Some(_) if !switch && !MOUNT_KEYS.contains(&key.as_str()) => SyntaxError::MountKey(field.key.to_owned()),
            Some(from) if key == "from" && has_variable(from) => SyntaxError::MountFrom,
            Some(kind) if key == "type" && !kind.contains('$') && !is_mount_type(kind) => {
                SyntaxError::MountType(kind.to_owned())
            }
            Some(_) => continue,
        };
        report(extent, error);
    }
}

fn is_mount_type(kind: &str) -> bool {
    MOUNT_TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

fn has_variable(text: &str) -> bool {
    text.find('$').is_some_and(|at| at + 1 < text.len())
}

/// Whether Go reads the text as a duration that is zero, or a millisecond or more.
fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    if matches!(unsigned, "0" | "-0") {
        return true;
    }
    let mut rest = unsigned;
    let mut nanoseconds = 0.0;
    while !rest.is_empty() {
        let number = rest.find(|char: char| !(char.is_ascii_digit() || char == '.')).unwrap_or(rest.len());
        let unit = &rest[number..];
        let len = unit.find(|char: char| char.is_ascii_digit() || char == '.').unwrap_or(unit.len());
        let Some(scale) = scale(&unit[..len]) else { return false };
        let digits = &rest[..number];
        let Ok(value) = format!("0{digits}").parse::<f64>() else { return false };
        if !digits.bytes().any(|byte| byte.is_ascii_digit()) {
            return false;
        }
        nanoseconds += value * scale;
        rest = &unit[len..];
    }
    !unsigned.is_empty() && (nanoseconds == 0.0 || nanoseconds >= 1e6)
}

/// Nanoseconds of a unit.
fn scale(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1.0,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 6e10,
        "h" => 3.6e12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_go_s() {
        for text in ["30s", "1m30s", "1.5h", "0", "0s", "+5s", ".5s", "5.s", "1ms", "1000us", "1h0m0.5s"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "5", "s", ".s", "5 s", "-5s", "1us", "5sec", "1.2.3s", "5S", "1d", "+"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
