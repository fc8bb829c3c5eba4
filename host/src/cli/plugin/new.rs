//! `hullmark plugin new`: a project with one rule, its fixtures, a README and CI.

use std::fs;
use std::io;
use std::path::Path;

use super::super::args::{NewArgs, PluginLanguage};
use super::{CommandError, Exit, Streams, UsageError, is_own_name, language};

/// A file of a new project: its path, and its text with `{{name}}` and other words in double braces.
type Template = (&'static str, &'static str);

macro_rules! templates {
    ($($path:literal: $file:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("templates/", $file)))),+]
    };
}

/// What the project of every language has.
const COMMON: &[Template] = templates! {
    "fixtures/npm-install/clean.Dockerfile": "common/fixtures/npm-install/clean.Dockerfile",
    "fixtures/npm-install/fixed.Dockerfile": "common/fixtures/npm-install/fixed.Dockerfile",
    "fixtures/npm-install/flagged.Dockerfile": "common/fixtures/npm-install/flagged.Dockerfile",
};

const RUST: &[Template] = templates! {
    ".github/workflows/test.yml": "rust/workflow.yml",
    ".gitignore": "rust/gitignore",
    "Cargo.toml": "rust/manifest.toml",
    "README.md": "rust/README.md",
    "src/lib.rs": "rust/src/lib.rs",
    "src/npm_install.rs": "rust/src/npm_install.rs",
};

const PYTHON: &[Template] = templates! {
    ".github/workflows/test.yml": "python/workflow.yml",
    ".gitignore": "python/gitignore",
    "README.md": "python/README.md",
    "npm_install.py": "python/npm_install.py",
    "policy.py": "python/policy.py",
    "requirements.txt": "python/requirements.txt",
};

const JAVASCRIPT: &[Template] = templates! {
    ".github/workflows/test.yml": "javascript/workflow.yml",
    ".gitignore": "javascript/gitignore",
    "README.md": "javascript/README.md",
    "npm-install.js": "javascript/npm-install.js",
    "package.json": "javascript/manifest.json",
    "policy.js": "javascript/policy.js",
};

/// Has npm copy an SDK that lies in a folder: what a component imports is not looked for behind links that lead out of the
/// project.
const COPIED: Template = (".npmrc", "install-links=true\n");

/// Writes the project into a new folder of the plugin's name.
pub(super) fn new(args: &NewArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let name = args.name.as_str();
    check_name(name)?;
    let folder = Path::new(name);
    if folder.exists() {
        let help = "choose another name, or take that folder away";
        return Err(UsageError::with_help(format!("`{name}` exists already"), help).into());
    }
    let sdk = Sdk::of(args)?;
    let words = [
        ("{{name}}", name),
        ("{{sdk}}", sdk.source.as_str()),
        ("{{note}}", sdk.note.as_str()),
        ("{{version}}", env!("CARGO_PKG_VERSION")),
    ];
    let mut templates: Vec<&Template> = COMMON.iter().chain(of_language(args.lang)).collect();
    if sdk.is_local && args.lang == PluginLanguage::Javascript {
        templates.push(&COPIED);
    }
    templates.sort();
    for (path, text) in templates {
        let text = words.iter().fold((*text).to_owned(), |text, (word, value)| text.replace(word, value));
        write(&folder.join(path), &text)
            .map_err(|error| UsageError::new(format!("`{name}/{path}` cannot be written: {error}")))?;
        writeln!(streams.out, "{name}/{path}")?;
    }
    writeln!(streams.out, "\nThe rule `{name}/npm-install` is an example. Try it:\n\n  cd {name}")?;
    if let Some(install) = language::install(args.lang) {
        writeln!(streams.out, "  {install}")?;
    }
    writeln!(streams.out, "  hullmark plugin test")?;
    Ok(Exit::Clean)
}

fn of_language(language: PluginLanguage) -> &'static [Template] {
    match language {
        PluginLanguage::Rust => RUST,
        PluginLanguage::Python => PYTHON,
        PluginLanguage::Javascript => JAVASCRIPT,
    }
}

/// A name is refused here which a run would refuse later.
fn check_name(name: &str) -> Result<(), UsageError> {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || name.len() > 64 || !name.split('-').all(word) {
        let help = "write lower-case words with `-` between, such as `acme-images`";
        return Err(UsageError::with_help(format!("`{name}` cannot be the name of a plugin"), help));
    }
    if is_own_name(name) {
        let help = "put the name of your organisation before it";
        return Err(UsageError::with_help(format!("`{name}` is the name of a plugin of hullmark's own"), help));
    }
    Ok(())
}

/// The SDK of a new project.
struct Sdk {
    /// Where the project finds it, as its language writes it.
    source: String,
    /// What its README says of that, where the SDK is not a released one.
    note: String,
    /// Whether it lies in a folder.
    is_local: bool,
}

impl Sdk {
    /// That of this version, or that of a folder.
    fn of(args: &NewArgs) -> Result<Self, UsageError> {
        let version = env!("CARGO_PKG_VERSION");
        let (file, released, below) = match args.lang {
            PluginLanguage::Rust => ("Cargo.toml", format!("\"{version}\""), "plugins/sdk"),
            PluginLanguage::Python => ("requirements.txt", format!("hullmark-sdk=={version}"), "plugins/sdk-python"),
            PluginLanguage::Javascript => ("package.json", version.to_owned(), "plugins/sdk-javascript"),
        };
        let Some(given) = args.sdk.as_ref().filter(|folder| !folder.as_os_str().is_empty()) else {
            return Ok(Self { source: released, note: String::new(), is_local: false });
        };
        let folder = given
            .canonicalize()
            .map_err(|error| UsageError::new(format!("the SDK `{}` cannot be found: {error}", given.display())))?;
        let folder = Some(folder.join(below)).filter(|below| below.is_dir()).unwrap_or(folder);
        let path = folder.display();
        let source = match args.lang {
            PluginLanguage::Rust => format!("{{ path = {:?} }}", path.to_string()),
            PluginLanguage::Python => path.to_string(),
            PluginLanguage::Javascript => format!("file:{path}"),
        };
        let note = format!(
            "\n`{file}` takes the SDK from a folder of the machine that this was written on. Other machines and CI need a release \
             there\n(`{released}`), or a path below this folder. CI also needs a release of hullmark, which it takes from PyPI.\n"
        );
        Ok(Self { source, note, is_local: true })
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_a_run_takes() {
        assert!(check_name("acme-images2").is_ok());
        for bad in ["", "Acme", "acme_images", "acme--images", "-acme", "2acme", "../acme", "acme-", &"a".repeat(65)] {
            assert!(check_name(bad).unwrap_err().message.contains("cannot be"), "{bad}");
        }
        for taken in ["image", "syntax"] {
            assert!(check_name(taken).unwrap_err().message.contains("hullmark's own"), "{taken}");
        }
    }

    #[test]
    fn workflows_are_what_their_runner_reads() {
        for (path, text) in [RUST, PYTHON, JAVASCRIPT].concat().iter().filter(|(path, _)| path.ends_with("test.yml")) {
            let workflow: serde_json::Value = serde_saphyr::from_str(&text.replace("{{version}}", "1.0.0")).unwrap();
            let steps = workflow["jobs"]["test"]["steps"].as_array().unwrap();
            assert!(workflow["on"].is_array() && workflow["permissions"]["contents"] == "read", "{path}");
            assert!(steps.iter().all(|step| step["run"].is_string() != step["uses"].is_string()), "{path}");
            assert_eq!(steps.last().unwrap()["run"], "hullmark plugin test", "{path}");
        }
    }

    #[test]
    fn templates_leave_no_word_unwritten() {
        for (path, text) in [COMMON, RUST, PYTHON, JAVASCRIPT].concat() {
            let known = ["{{name}}", "{{sdk}}", "{{note}}", "{{version}}"];
            let rest = known.iter().fold(text.to_owned(), |text, word| text.replace(word, ""));
            assert!(!rest.contains("{{"), "{path}");
        }
    }
}
