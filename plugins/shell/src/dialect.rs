//! What some shells know beyond POSIX, as it occurs in commands and in what groups them.

use hullmark_sdk::prelude::*;

use crate::base::Sh;
use crate::words;

/// Something that not every `sh` knows.
#[derive(Clone, Debug)]
pub(crate) struct Extension<'a> {
    /// Where it stands.
    pub(crate) place: Place,
    /// What it is, for messages.
    pub(crate) what: String,
    /// The variable that only large shells set, if that is what it is.
    pub(crate) variable: Option<&'a str>,
    /// ShellCheck's ids.
    pub(crate) ids: &'static [&'static str],
    known: Known,
}

/// Which of the small shells know an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// dash and BusyBox.
    Both,
    /// BusyBox, or there nobody is sure.
    Busybox,
    /// None.
    Neither,
}

use Known::{Both, Busybox, Neither};

impl Extension<'_> {
    fn new(place: impl Into<Place>, what: &str, known: Known, ids: &'static [&'static str]) -> Self {
        Self { place: place.into(), what: format!("`{what}`"), variable: None, ids, known }
    }

    /// Whether a shell is known not to know it.
    pub(crate) fn is_unknown_to(&self, shell: Sh) -> bool {
        match shell {
            Sh::Dash => self.known != Both,
            Sh::Busybox => self.known == Neither,
            Sh::Large | Sh::Unknown => false,
        }
    }
}

/// Builtins, with who knows them.
const BUILTINS: [(&str, Known, &[&str]); 22] = [
    ("[[", Busybox, &["SC3010"]),
    ("bind", Neither, &["SC3044"]),
    ("builtin", Neither, &["SC3044"]),
    ("caller", Neither, &["SC3044"]),
    ("compgen", Neither, &["SC3044"]),
    ("complete", Neither, &["SC3044"]),
    ("coproc", Neither, &["SC3032"]),
    ("declare", Neither, &["SC3044"]),
    ("dirs", Neither, &["SC3044"]),
    ("disown", Neither, &["SC3044"]),
    ("enable", Neither, &["SC3044"]),
    ("let", Busybox, &["SC3039"]),
    ("local", Both, &["SC3043"]),
    ("mapfile", Neither, &["SC3044"]),
    ("popd", Neither, &["SC3044"]),
    ("pushd", Neither, &["SC3044"]),
    ("readarray", Neither, &["SC3044"]),
    ("shopt", Neither, &["SC3044"]),
    ("source", Busybox, &["SC3046"]),
    ("suspend", Neither, &["SC3044"]),
    ("typeset", Neither, &["SC3044"]),
    ("logout", Neither, &[]),
];

/// Options of builtins: the command, the letters, who knows them.
const OPTIONS: [(&str, &str, Known, &[&str]); 14] = [
    ("read", "a", Neither, &["SC3045"]),
    ("read", "dinNstu", Busybox, &["SC3045"]),
    ("read", "p", Both, &["SC3045"]),
    ("export", "f", Neither, &["SC3045"]),
    ("export", "n", Busybox, &["SC3045"]),
    ("printf", "v", Neither, &["SC3045"]),
    ("type", "aftpP", Busybox, &["SC3045"]),
    ("wait", "n", Busybox, &["SC3045"]),
    ("exec", "a", Busybox, &["SC3038"]),
    ("ulimit", "cdlmnpstuv", Both, &["SC3045"]),
    ("echo", "e", Busybox, &["SC3037"]),
    ("echo", "E", Busybox, &["SC3037"]),
    ("echo", "n", Both, &["SC3037"]),
    ("local", "r", Neither, &["SC3045"]),
];

/// Operators of tests.
const OPERATORS: [(&str, Known, &[&str]); 5] = [
    ("==", Busybox, &["SC3014"]),
    ("=~", Busybox, &["SC3015"]),
    ("<", Both, &["SC3012"]),
    (">", Both, &["SC3012"]),
    ("-v", Busybox, &["SC3016"]),
];

/// Variables that only large shells set. BusyBox knows the first one.
const VARIABLES: [&str; 14] = [
    "RANDOM",
    "BASHPID",
    "BASH_SOURCE",
    "BASH_VERSION",
    "BASH_VERSINFO",
    "DIRSTACK",
    "EUID",
    "FUNCNAME",
    "HOSTTYPE",
    "MACHTYPE",
    "OSTYPE",
    "PIPESTATUS",
    "SECONDS",
    "UID",
];

/// What `${…}` may do beyond POSIX.
const EXPANSIONS: [(&str, Known, &[&str]); 14] = [
    (":", Busybox, &["SC3057"]),
    ("/", Busybox, &["SC3060"]),
    ("//", Busybox, &["SC3060"]),
    ("/#", Busybox, &["SC3060"]),
    ("/%", Busybox, &["SC3060"]),
    ("^", Neither, &["SC3059"]),
    ("^^", Neither, &["SC3059"]),
    (",", Neither, &["SC3059"]),
    (",,", Neither, &["SC3059"]),
    ("~", Neither, &["SC3059"]),
    ("~~", Neither, &["SC3059"]),
    ("indirect", Neither, &["SC3053"]),
    ("@", Neither, &[]),
    ("[", Neither, &["SC3054"]),
];

/// Extensions in a command.
pub(crate) fn in_command(command: Command<'_>) -> Vec<Extension<'_>> {
    let mut found = Vec::new();
    builtin(command, &mut found);
    test(command, &mut found);
    for word in command.words() {
        let is_assigned = words::is_declaration(command) && words::declared_name(word).is_some();
        in_word(word, is_assigned, &mut found);
    }
    for redirection in command.redirections() {
        in_word(redirection.target(), false, &mut found);
        redirection.body().into_iter().for_each(|body| in_word(body, true, &mut found));
    }
    assignments(command, &mut found);
    redirections(command, &mut found);
    found
}

/// Extensions in the head of a compound command.
pub(crate) fn in_compound(compound: Compound<'_>) -> Vec<Extension<'_>> {
    let mut found = Vec::new();
    match compound.kind() {
        CompoundKind::Arithmetic => found.push(Extension::new(compound, "((…))", Busybox, &["SC3006"])),
        CompoundKind::ForArithmetic => found.push(Extension::new(compound, "for ((…))", Neither, &["SC3005"])),
        CompoundKind::Select => found.push(Extension::new(compound, "select", Neither, &["SC3008"])),
        CompoundKind::FunctionKeyword => {
            let ids: &[&str] = if has_parentheses(compound) { &["SC2112"] } else { &["SC2113"] };
            found.push(Extension::new(compound, "function", Busybox, ids));
        }
        _ => {}
    }
    let is_function = matches!(compound.kind(), CompoundKind::Function | CompoundKind::FunctionKeyword);
    if is_function && compound.name().is_some_and(|name| name.contains(['-', '.', ':'])) {
        let mut extension = Extension::new(compound, "", Neither, &["SC3033"]);
        extension.what = format!("the name `{}` of a function", compound.name().unwrap_or_default());
        found.push(extension);
    }
    if compound.kind() == CompoundKind::For {
        compound.words().for_each(|word| in_word(word, false, &mut found));
    }
    found
}

/// Whether `function name` is followed by `()`.
fn has_parentheses(function: Compound<'_>) -> bool {
    let document = function.script().instruction().node().document();
    let text = document.text_at(Span::new(function.place().span.end, function.whole_place().span.end));
    let rest = text.trim_start().strip_prefix(function.name().unwrap_or_default());
    rest.is_some_and(|rest| rest.trim_start().starts_with('('))
}

fn builtin<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    let (Some(program), Some(name)) = (command.word(0), command.name()) else { return };
    if program.text() != Some(name) {
        return;
    }
    if let Some((_, known, ids)) = BUILTINS.into_iter().find(|(builtin, ..)| *builtin == name) {
        found.push(Extension::new(program, name, known, ids));
    }
    // Builtins take no option behind an operand.
    for word in command.words().skip(1).take_while(|word| word.is_option()) {
        let Some(letters) = word.text().and_then(|text| text.strip_prefix('-')) else { continue };
        if letters.starts_with('-') {
            continue;
        }
        // To `echo` a word with other letters is a text, and so is every word behind a text.
        let is_first = command.word(1).map(Word::place) == Some(word.place());
        if name == "echo" && !(is_first && letters.bytes().all(|byte| b"neE".contains(&byte))) {
            break;
        }
        let of_letters = |letter: char| OPTIONS.into_iter().find(|(of, all, ..)| *of == name && all.contains(letter));
        // The least known letter counts.
        let worst = letters.chars().filter_map(of_letters).max_by_key(|(_, _, known, _)| match known {
            Both => 0,
            Busybox => 1,
            Neither => 2,
        });
        if let Some((_, _, known, ids)) = worst {
            found.push(Extension::new(word, &format!("{name} -{letters}"), known, ids));
            break;
        }
    }
    match name {
        "set" => set(command, found),
        "trap" => trap(command, found),
        "printf" => {
            let format = command.arguments().next();
            if let Some(word) = format.filter(|word| word.text().is_some_and(|text| text.contains("%q"))) {
                found.push(Extension::new(word, "%q", Busybox, &["SC3050"]));
            }
        }
        "read"
            if command.arguments().next().is_none() && command.word(1).is_none_or(|word| word.text() == Some("-r")) =>
        {
            let mut extension = Extension::new(program, "", Busybox, &["SC3061"]);
            extension.what = "`read` without a variable".to_owned();
            found.push(extension);
        }
        _ => {}
    }
}

fn set<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    let words: Vec<Word<'_>> = command.words().skip(1).collect();
    for pair in words.windows(2) {
        let is_long = pair[0].text().is_some_and(|text| text.starts_with(['-', '+']) && text.ends_with('o'));
        if is_long && pair[1].text() == Some("pipefail") {
            found.push(Extension::new(pair[1], "set -o pipefail", Busybox, &["SC3040"]));
        }
    }
}

fn trap<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    for word in command.arguments().skip(1) {
        match word.text() {
            Some(signal @ ("ERR" | "DEBUG" | "RETURN")) => {
                found.push(Extension::new(word, &format!("trap … {signal}"), Neither, &["SC3047"]));
            }
            Some(signal) if signal.starts_with("SIG") => {
                found.push(Extension::new(word, &format!("trap … {signal}"), Busybox, &["SC3048"]));
            }
            _ => {}
        }
    }
}

fn test<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    if !matches!(command.name(), Some("[" | "test")) {
        return;
    }
    for (index, word) in command.words().enumerate().skip(1) {
        let Some((operator, known, ids)) = OPERATORS.into_iter().find(|(operator, ..)| word.text() == Some(operator))
        else {
            continue;
        };
        // `-v` stands before its operand, the others between two.
        let is_operator =
            if operator.starts_with(['<', '>']) { word.raw().starts_with('\\') } else { !word.is_quoted() };
        if (operator == "-v") == (index == 1) && is_operator {
            found.push(Extension::new(word, &format!("[ … {operator} … ]"), known, ids));
        }
    }
}

/// Extensions in a word. In a value that is assigned, no shell expands braces or patterns.
fn in_word<'a>(word: Word<'a>, is_assigned: bool, found: &mut Vec<Extension<'a>>) {
    let raw = word.raw();
    if word.has_brace_expansion() && !is_assigned {
        found.push(Extension::new(word, raw, Neither, &["SC3009"]));
    }
    if !word.is_quoted()
        && !is_assigned
        && word.is_pattern()
        && ["!(", "@(", "?(", "*(", "+("].into_iter().any(|open| raw.contains(open))
    {
        found.push(Extension::new(word, raw, Neither, &["SC3002"]));
    }
    for part in word.parts() {
        match part.kind() {
            PartKind::AnsiQuoted => found.push(Extension::new(part, "$'…'", Busybox, &["SC3003"])),
            PartKind::Translated => found.push(Extension::new(part, "$\"…\"", Neither, &["SC3004"])),
            PartKind::Process => found.push(Extension::new(part, "<(…)", Busybox, &["SC3001"])),
            PartKind::Array => found.push(Extension::new(part, "name=(…)", Neither, &["SC3030"])),
            PartKind::Arithmetic => {
                let text = part.text();
                if text.contains("**") {
                    found.push(Extension::new(part, "**", Busybox, &["SC3019"]));
                } else if text.contains("++") {
                    found.push(Extension::new(part, "++", Busybox, &["SC3018"]));
                }
            }
            PartKind::Variable => variable(part, found),
            _ => {}
        }
    }
}

fn variable<'a>(part: Part<'a>, found: &mut Vec<Extension<'a>>) {
    let name = part.name().unwrap_or_default();
    let operator = if part.subscript().is_some() { Some("[") } else { part.operator() };
    let expansion = EXPANSIONS.into_iter().find(|(it, ..)| operator == Some(it));
    if let Some((_, known, ids)) = expansion.filter(|_| !matches!(name, "@" | "*")) {
        found.push(Extension::new(part, &part.text(), known, ids));
    }
    if VARIABLES.contains(&name) && !matches!(operator, Some(":-" | "-" | ":+" | "+")) {
        let known = if name == "RANDOM" { Busybox } else { Neither };
        let extension = Extension::new(part, &format!("${name}"), known, &["SC3028"]);
        found.push(Extension { variable: Some(name), ..extension });
    }
}

fn assignments<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    for assignment in command.assignments() {
        in_word(assignment.value(), true, found);
        let name = assignment.place().span;
        let start = name.start + assignment.name().len() as u32;
        let operator = Span::new(start, assignment.value().place().span.start);
        if text_at(command, operator) == "+=" {
            found.push(Extension::new(
                command.instruction().node().document().place(operator),
                "+=",
                Neither,
                &["SC3024"],
            ));
        }
    }
}

fn redirections<'a>(command: Command<'a>, found: &mut Vec<Extension<'a>>) {
    for redirection in command.redirections() {
        let target = redirection.target();
        let text = target.text().unwrap_or_default();
        let (known, ids): (_, &[&str]) = match redirection.operator() {
            "&>" => (Busybox, &["SC3020"]),
            "&>>" => (Busybox, &[]),
            "<<<" => (Neither, &["SC3011"]),
            ">&" if text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '/' | '.')) => {
                (Busybox, &["SC3021"])
            }
            _ if text.starts_with("/dev/tcp/") || text.starts_with("/dev/udp/") => (Neither, &["SC3025"]),
            _ if redirection.descriptor().is_some_and(|it| it > 9) => (Busybox, &["SC3023"]),
            _ => continue,
        };
        let what = if ids == ["SC3025"] { text } else { redirection.operator() };
        let place = if ids == ["SC3025"] { target.place() } else { redirection.place() };
        found.push(Extension::new(place, what, known, ids));
    }
    if let Some(place) = command.join_place().filter(|place| text_at(command, place.span) == "|&") {
        found.push(Extension::new(place, "|&", Busybox, &["SC3029"]));
    }
}

fn text_at(command: Command<'_>, at: Span) -> String {
    command.instruction().node().document().text_at(at)
}
