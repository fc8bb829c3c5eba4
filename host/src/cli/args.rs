//! What can be said on the command line. Every option has its variable, `HULLMARK_` and the option's name.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, PossibleValue, Resettable};
use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::document::Language;
use crate::finding::Level;
use crate::policy::{Scope, minor_version};
use crate::report::Format;
use crate::shard::Shard;

/// Checks Dockerfiles and Kubernetes manifests against sandboxed policies.
#[derive(Debug, Parser)]
#[command(name = "hullmark", version, propagate_version = true, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Reads arguments, the program's name first, and variables. An empty variable is as good as none, since CI can
    /// set a variable to nothing more easily than not set it.
    ///
    /// # Errors
    /// For wrong usage, and where help or the version is asked for.
    pub(super) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = without_empty_variables(Self::command());
        let mut matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check files and folders, and report what is found.
    Check(Box<CheckArgs>),
    /// Accept what is found today: write it to a file, by which `check --baseline` reports only what is new.
    Baseline(Box<BaselineArgs>),
    /// Join the SARIF files of runs that shared a tree (`check --shard`) into one.
    Merge(MergeArgs),
    /// List all rules.
    Rules(RulesArgs),
    /// Explain a rule: what it checks, why, and how to mend what it finds.
    Explain(ExplainArgs),
    /// Show what is configured, and how that is written.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write a first `hullmark.yaml` into the current folder.
    Init(InitArgs),
    /// Print what a shell reads to complete arguments.
    Completions(CompletionsArgs),
    /// Print the manual, or write the pages of all commands into a folder.
    Man(ManArgs),
    /// Write a plugin: begin one, build, test and look at it.
    #[command(subcommand)]
    Plugin(PluginCommand),
}

/// What to do with a plugin.
#[derive(Debug, Subcommand)]
pub enum PluginCommand {
    /// Begin a plugin: a folder with a rule, its fixtures, a README and CI.
    New(NewArgs),
    /// Make the component of a plugin, by the tools of its language.
    Build(BuildArgs),
    /// Build a plugin, and hold every rule to its fixtures.
    Test(TestArgs),
    /// Show what a plugin is, and what a call of it uses up.
    Inspect(InspectArgs),
    /// Write a plugin into the configuration, and pin it as it is now.
    Add(AddArgs),
}

/// Options of `plugin new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// Name of the plugin, in kebab case, and of the new folder.
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Language that the rules are written in.
    #[arg(long, value_enum, default_value_t, env = "HULLMARK_LANG")]
    pub lang: PluginLanguage,

    /// Folder of the SDK, or of a checkout of hullmark that has all of them, instead of the released one.
    #[arg(long, value_name = "DIR", env = "HULLMARK_SDK")]
    pub sdk: Option<PathBuf>,
}

/// Options of `plugin build`.
#[derive(Debug, clap::Args)]
pub struct BuildArgs {
    /// Folder of the plugin.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,

    /// Where the component goes, by default to a file in the folder that has the plugin's name.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `plugin test`.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Folder of the plugin.
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,

    /// Test this component, and build nothing.
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,

    /// Folder of the fixtures, by default `fixtures` in that of the plugin.
    #[arg(long, value_name = "DIR")]
    pub fixtures: Option<PathBuf>,

    /// Write into the fixtures what the rules report.
    #[arg(long)]
    pub update: bool,
}

/// Options of `plugin inspect`.
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// The plugin: a component, or a core module built against the interface.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Try it on these Dockerfiles and manifests, instead of a small one of each kind that its rules look at.
    #[arg(value_name = "PATH")]
    pub on: Vec<PathBuf>,

    /// How it is shown.
    #[arg(long, value_enum, default_value_t)]
    pub format: InspectFormat,
}

/// How a plugin is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum InspectFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Options of `plugin add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The plugin. If it is in the configuration already, the file that it is now takes the place of the one that was pinned.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Add it only if it calls itself so.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// An option of the plugin, its value as in the configuration; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub option: Vec<String>,

    /// Write into this configuration or policy, instead of the nearest `hullmark.yaml`.
    #[arg(long, value_name = "FILE", env = "HULLMARK_CONFIG")]
    pub config: Option<PathBuf>,
}

/// A language that plugins are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PluginLanguage {
    /// Built by cargo.
    #[default]
    Rust,
    /// Built by componentize-py.
    Python,
    /// Built by componentize-qjs.
    Javascript,
}

/// Options of `check`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct CheckArgs {
    /// Files and folders to check, the current folder where none is named; `-` reads standard input.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Name under which standard input is reported; it also tells what standard input is.
    #[arg(long, value_name = "PATH", env = "HULLMARK_STDIN_FILENAME", help_heading = "Input")]
    pub stdin_filename: Option<PathBuf>,

    /// What named files with unusual names are.
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", env = "HULLMARK_AS", help_heading = "Input")]
    pub language: Option<LanguageChoice>,

    /// Folder that paths in reports start from: the repository's top folder, or the current folder outside of one.
    #[arg(long, value_name = "DIR", env = "HULLMARK_ROOT", help_heading = "Input")]
    pub root: Option<PathBuf>,

    /// What rules that compare files see together, in place of the configuration's `scopes`; by default `root`.
    #[arg(long, value_enum, env = "HULLMARK_SCOPE", help_heading = "Input")]
    pub scope: Option<ScopeChoice>,

    /// Pass over paths that match this pattern, as in a .gitignore; may be repeated.
    #[arg(long, value_name = "GLOB", env = "HULLMARK_EXCLUDE", value_delimiter = ',', help_heading = "Input")]
    pub exclude: Vec<String>,

    /// Apply excludes to named files too.
    #[arg(long, env = "HULLMARK_FORCE_EXCLUDE", value_parser = FalseyValueParser::new(), help_heading = "Input")]
    pub force_exclude: bool,

    /// Where configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArgs,

    /// Check these rules only, and syntax: ids, ids of other tools, `plugin/*`, `*`. Levels and options of the policy stay.
    #[arg(long, value_name = "RULES", env = "HULLMARK_SELECT", value_delimiter = ',', help_heading = "Rules")]
    pub select: Vec<String>,

    /// Leave these rules out.
    #[arg(long, value_name = "RULES", env = "HULLMARK_IGNORE", value_delimiter = ',', help_heading = "Rules")]
    pub ignore: Vec<String>,

    /// Judge manifests by this version of Kubernetes, such as 1.34: the option `kubernetes-version` of every rule that has it.
    #[arg(long, value_name = "VERSION", env = "HULLMARK_KUBERNETES_VERSION", value_parser = kubernetes_version, help_heading = "Rules")]
    pub kubernetes_version: Option<String>,

    /// Have scripts in Dockerfiles checked by ShellCheck too: the program `shellcheck` must be on the PATH.
    #[arg(long, env = "HULLMARK_SHELLCHECK", value_parser = FalseyValueParser::new(), help_heading = "Rules")]
    pub shellcheck: bool,

    /// Report also what comments in the files say not to report.
    #[arg(long, env = "HULLMARK_NO_IGNORES", value_parser = FalseyValueParser::new(), help_heading = "Rules")]
    pub no_ignores: bool,

    /// Report only what this file does not accept, which `hullmark baseline` has written.
    #[arg(long, value_name = "FILE", env = "HULLMARK_BASELINE", help_heading = "Rules")]
    pub baseline: Option<PathBuf>,

    /// Report only findings on lines that changed since this git revision, or since the histories parted.
    #[arg(long, value_name = "REV", env = "HULLMARK_CHANGED_SINCE", help_heading = "Rules")]
    pub changed_since: Option<String>,

    /// Load a plugin: a component, or a core module built against the interface; may be repeated.
    #[arg(long, value_name = "FILE", env = "HULLMARK_PLUGIN", value_delimiter = ',', help_heading = "Rules")]
    pub plugin: Vec<PathBuf>,

    /// Apply fixes that need no look, and report what is left.
    #[arg(long, env = "HULLMARK_FIX", value_parser = FalseyValueParser::new(), help_heading = "Fixes")]
    pub fix: bool,

    /// Apply also fixes that somebody should look at.
    #[arg(long, env = "HULLMARK_UNSAFE_FIXES", value_parser = FalseyValueParser::new(), help_heading = "Fixes")]
    pub unsafe_fixes: bool,

    /// Show what fixes would change, as a patch in the place of the report, and change nothing.
    #[arg(long, env = "HULLMARK_DIFF", value_parser = FalseyValueParser::new(), help_heading = "Fixes")]
    pub diff: bool,

    /// Report as if fixes were applied, and change nothing.
    #[arg(long, env = "HULLMARK_DRY_RUN", value_parser = FalseyValueParser::new(), help_heading = "Fixes")]
    pub dry_run: bool,

    /// Report on one part of the files only, as in `2/5`; all parts together are the whole, and each sees all files.
    #[arg(long, value_name = "I/N", env = "HULLMARK_SHARD", help_heading = "Input")]
    pub shard: Option<Shard>,

    /// Format of the report on standard output.
    #[arg(long, value_enum, default_value_t, env = "HULLMARK_FORMAT", help_heading = "Output")]
    pub format: Format,

    /// Write a report to a file as well: `sarif=hullmark.sarif`; may be repeated.
    #[arg(long, value_name = "FORMAT=FILE", env = "HULLMARK_OUTPUT", value_delimiter = ',', help_heading = "Output")]
    pub output: Vec<Output>,

    /// Give SARIF also what comments and a baseline keep from being reported; not for GitHub, which would open alerts for it.
    #[arg(long, env = "HULLMARK_SARIF_INCLUDE_SUPPRESSED", value_parser = FalseyValueParser::new(), help_heading = "Output")]
    pub sarif_include_suppressed: bool,
    /// Category of the SARIF in code scanning, which tells several reports on one commit apart.
    #[arg(long, value_name = "NAME", env = "HULLMARK_SARIF_CATEGORY", help_heading = "Output")]
    pub sarif_category: Option<String>,

    /// Least level of a finding that makes the exit code 1, in place of the configuration's `fail-on`; by default `warning`.
    #[arg(long, value_enum, value_name = "LEVEL", env = "HULLMARK_FAIL_ON", help_heading = "Output")]
    pub fail_on: Option<LevelChoice>,

    /// Exit with 0 where there are findings; an incomplete run is still 3.
    #[arg(long, env = "HULLMARK_EXIT_ZERO", value_parser = FalseyValueParser::new(), help_heading = "Output")]
    pub exit_zero: bool,

    /// Colours in text.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", env = "HULLMARK_COLOR", help_heading = "Output")]
    pub color: ColorChoice,

    /// Findings only: no summary.
    #[arg(short, long, env = "HULLMARK_QUIET", value_parser = FalseyValueParser::new(), help_heading = "Output")]
    pub quiet: bool,

    /// Say also what was passed over.
    #[arg(short, long, env = "HULLMARK_VERBOSE", value_parser = FalseyValueParser::new(), help_heading = "Output")]
    pub verbose: bool,

    /// Number of threads; the report does not depend on it.
    #[arg(short, long, value_name = "N", env = "HULLMARK_JOBS", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Running")]
    pub jobs: Option<u16>,

    /// Compile plugins from files anew, and keep nothing of it for later runs.
    #[arg(long, env = "HULLMARK_NO_CACHE", value_parser = FalseyValueParser::new(), help_heading = "Running")]
    pub no_cache: bool,
}

/// Options of `baseline`: those of `check`, whose `--baseline` names the file that is written.
#[derive(Debug, clap::Args)]
pub struct BaselineArgs {
    /// What to check, and how.
    #[command(flatten)]
    pub check: CheckArgs,

    /// Take out of the file what no longer occurs, and accept nothing new.
    #[arg(long, env = "HULLMARK_SHRINK", value_parser = FalseyValueParser::new())]
    pub shrink: bool,
}

/// Options of `merge`.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// SARIF files of one version of hullmark.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Where the whole goes; standard output where it is not said.
    #[arg(long, value_name = "FILE", env = "HULLMARK_MERGE_OUTPUT")]
    pub output: Option<PathBuf>,
}

/// Where configuration comes from.
#[derive(Debug, clap::Args)]
pub struct ConfigurationArgs {
    /// Check by this policy, in place of what the configuration says of rules: the name of a built-in one, or a file; of several, later ones are stronger.
    #[arg(long, value_name = "NAME|FILE", env = "HULLMARK_POLICY", value_delimiter = ',', help_heading = "Rules")]
    pub policy: Vec<String>,

    /// Take this configuration for all files, in place of every `hullmark.yaml`.
    #[arg(long, value_name = "FILE", env = "HULLMARK_CONFIG", help_heading = "Rules")]
    pub config: Option<PathBuf>,

    /// Read no configuration file.
    #[arg(long, env = "HULLMARK_NO_CONFIG", value_parser = FalseyValueParser::new(), help_heading = "Rules")]
    pub no_config: bool,
}

/// Where plugins come from, beside those that are built in.
#[derive(Debug, clap::Args)]
pub struct PluginsArgs {
    /// Load a plugin as well; may be repeated.
    #[arg(long, value_name = "FILE", env = "HULLMARK_PLUGIN", value_delimiter = ',', action = ArgAction::Append)]
    pub plugin: Vec<PathBuf>,

    /// Load the plugins of this configuration, in place of those of the nearest `hullmark.yaml`.
    #[arg(long, value_name = "FILE", env = "HULLMARK_CONFIG")]
    pub config: Option<PathBuf>,

    /// Read no configuration file.
    #[arg(long, env = "HULLMARK_NO_CONFIG", value_parser = FalseyValueParser::new())]
    pub no_config: bool,
}

/// Options of `rules`.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    /// A line each, all that is known as JSON, or a page each in Markdown.
    #[arg(long, value_enum, default_value_t, env = "HULLMARK_RULES_FORMAT")]
    pub format: RulesFormat,

    /// Write each page to a file in this folder: `image/latest-tag.md`, and `index.md` that leads to them.
    #[arg(long, value_name = "DIR", env = "HULLMARK_RULES_OUTPUT_DIR")]
    pub output_dir: Option<PathBuf>,

    /// Where other plugins come from.
    #[command(flatten)]
    pub plugins: PluginsArgs,
}

/// Options of `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// A rule's id, or the id that another tool gives to the same condition.
    #[arg(value_name = "RULE")]
    pub rule: String,

    /// Where other plugins come from.
    #[command(flatten)]
    pub plugins: PluginsArgs,
}

/// What to say of the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show what holds for a file, and where each value comes from.
    Show(ConfigShowArgs),
    /// Print the JSON Schema of `hullmark.yaml` and of policies, made from the plugins.
    Schema(ConfigSchemaArgs),
}

/// Options of `config show`.
#[derive(Debug, clap::Args)]
pub struct ConfigShowArgs {
    /// A file, which need not exist.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,

    /// Folder that paths start from: the repository's top folder, or the current folder outside of one.
    #[arg(long, value_name = "DIR", env = "HULLMARK_ROOT")]
    pub root: Option<PathBuf>,

    /// Where configuration comes from.
    #[command(flatten)]
    pub configuration: ConfigurationArgs,

    /// Load a plugin as well; may be repeated.
    #[arg(long, value_name = "FILE", env = "HULLMARK_PLUGIN", value_delimiter = ',', action = ArgAction::Append)]
    pub plugin: Vec<PathBuf>,
}

/// Options of `config schema`.
#[derive(Debug, clap::Args)]
pub struct ConfigSchemaArgs {
    /// Where other plugins come from.
    #[command(flatten)]
    pub plugins: PluginsArgs,
}

/// Options of `init`.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// Carry over the configuration of another tool: `.hadolint.yaml`, `.kube-linter.yaml`, `.checkov.yaml` or `.trivyignore`; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub from: Vec<PathBuf>,
}

/// Options of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Options of `man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Folder for the pages of all commands.
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
}

/// How rules are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// One line each.
    #[default]
    Text,
    /// All metadata.
    Json,
    /// A page each.
    Markdown,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// A report and the file it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Format of the report.
    pub format: Format,
    /// Where it goes.
    pub file: PathBuf,
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("write FORMAT=FILE, as in `sarif=hullmark.sarif`")?;
        if file.is_empty() {
            return Err("the file's name is missing".to_owned());
        }
        let format = format.parse::<Format>().map_err(|error| error.to_string())?;
        Ok(Self { format, file: file.into() })
    }
}

/// When text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a named file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LanguageChoice {
    /// A Dockerfile.
    Dockerfile,
    /// Kubernetes manifests.
    Manifest,
}

impl From<LanguageChoice> for Language {
    fn from(choice: LanguageChoice) -> Self {
        match choice {
            LanguageChoice::Dockerfile => Self::Dockerfile,
            LanguageChoice::Manifest => Self::Manifest,
        }
    }
}

/// What project rules see together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScopeChoice {
    /// Everything under the root.
    Root,
    /// The given paths.
    Run,
    /// The files that share one immediate folder.
    Directory,
}

impl From<ScopeChoice> for Scope {
    fn from(choice: ScopeChoice) -> Self {
        match choice {
            ScopeChoice::Root => Self::Root,
            ScopeChoice::Run => Self::Run,
            ScopeChoice::Directory => Self::Directory,
        }
    }
}

/// A level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelChoice {
    /// Everything.
    Note,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
}

impl From<LevelChoice> for Level {
    fn from(choice: LevelChoice) -> Self {
        match choice {
            LevelChoice::Note => Self::Note,
            LevelChoice::Warning => Self::Warning,
            LevelChoice::Error => Self::Error,
        }
    }
}

/// The minor version of Kubernetes.
fn kubernetes_version(given: &str) -> Result<String, String> {
    minor_version(given).ok_or_else(|| "a version is written as `1.34`".to_owned())
}
