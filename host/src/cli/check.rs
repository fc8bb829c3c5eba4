//! `hullmark check`: from paths to reports and an exit code.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::env;
use std::io::{self, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};
use std::slice;
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::{CheckArgs, ColorChoice};
use super::baseline::{self, Accept, Sieve};
use super::output::{Target, real, stays_inside};
use super::progress::{Compiling, Progress};
use super::{CommandError, Exit, Streams, UsageError, configure, fix};
use crate::discover::{self, Candidate, DiscoverError, Discovery, Guess};
use crate::document::Language;
use crate::finding::{Finding, Level, Notification, Outcome};
use crate::gather::{Around, Gathered, LARGEST, gather, gather_bytes};
use crate::own;
use crate::plugin::Registry;
use crate::policy::{Books, Choice, Date, Rulebook, Scope};
use crate::report::{self, Context, Verbosity};
use crate::run::{File, Settings, run_beside};
use crate::shellcheck::{self, ShellCheck};

/// Columns of a report that goes to no terminal.
const WIDTH: usize = 100;

/// Checks, accepts what it is to accept, writes all reports, and says how it went.
pub(super) fn check(args: &CheckArgs, accept: Option<Accept>, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let fixing = fix::Mode::of(args)?;
    refuse(args, accept.is_some(), fixing.is_some())?;
    let current = configure::current_folder()?;
    let Ground { root, options, books, configured_below, given } = Ground::survey(args, &current)?;
    let targets = targets(args, &root, &current)?;
    if accept.is_some() {
        stays_inside(&root, &current, baseline::file(args))?;
    }

    let cache = if args.no_cache { Err("`--no-cache` is given") } else { cache_folder(&root) };
    let compiling = Compiling::new(streams.err_is_terminal, args.quiet, cache.as_ref().err().copied());
    let cache = cache.as_deref().ok();
    let (registry, mut notifications) = configure::load(&args.plugin, &books, &current, cache, &compiling)?;
    let own = own::plugins();
    let plugins = configure::plugins(&own, &registry);
    let rules: HashSet<&str> = plugins.iter().flat_map(|plugin| &plugin.rules).map(|rule| rule.id.as_str()).collect();
    let all_loaded = notifications.is_empty();
    let rulebook = configure::rulebook(books, plugins, choice(args), args.shellcheck, all_loaded)?;
    configure::judge_options(&registry, &rulebook)?;
    let sieve = Sieve::new(args, accept, &options, Some(&rules).filter(|_| all_loaded))?;
    let jobs = args.jobs.map_or_else(|| available_parallelism().map_or(1, usize::from), usize::from);

    let keep = Keep { rulebook: &rulebook, force_exclude: args.force_exclude, ask: configured_below };
    let everything = || everything(&options).into_iter().filter(|found| keep.keeps(found)).collect();
    let scope = |path: &str| rulebook.scope(path);
    let around = Around { everything: &everything, scope: &scope, compared: compared(&registry, &rulebook) };
    let (gathered, places) = given.gather(&keep, &around, jobs);
    let ours = |told: &Notification| told.path.as_deref().is_none_or(|path| is_ours(args, path));
    notifications.extend(gathered.notifications.into_iter().filter(ours));
    let mut files = gathered.files;
    // The files of other shards are there for rules that compare files.
    files.iter_mut().for_each(|file| file.reported &= is_ours(args, file.source.path()));

    let suppress_on = (!args.no_ignores).then(today);
    let progress = Progress::new(streams.err_is_terminal, args.quiet);
    let at = |done, all| progress.at(done, all);
    let settings =
        Settings { registry: &registry, rulebook: &rulebook, jobs, fresh: false, suppress_on, progress: Some(&at) };
    let mut run = |files: &[File]| {
        let answer = ask_shellcheck(args, files, &rulebook, jobs);
        let mut outcome = run_beside(files, settings, answer.findings);
        outcome.notifications.extend(answer.notifications);
        if accept.is_none() {
            sieve.apply(files, &rulebook, &mut outcome);
        }
        outcome
    };
    let found = run(&files);
    let unfixed = exit(args, &rulebook, &found);
    let mut diff = None;
    let mut outcome = match fixing {
        None => found,
        Some(mode) => {
            let (fixed, outcome) = fix::apply(mode, args.unsafe_fixes, &files, found, &places, &mut run);
            diff = (mode == fix::Mode::Diff).then_some(fixed);
            outcome
        }
    };
    outcome.notifications.extend(notifications);
    add_remarks(args, &rulebook, &mut outcome);
    // What was not checked cannot be accepted.
    if let Some(accept) = accept.filter(|_| !outcome.incomplete()) {
        sieve.accept(accept, args, &files, &rulebook, &mut outcome)?;
    }
    outcome.notifications.sort_by(|one, other| other.level.cmp(&one.level).then_with(|| one.cmp(other)));
    // What would be fixed is not fixed yet.
    let exit = match exit(args, &rulebook, &outcome) {
        Exit::Clean if outcome.fixes.dry => unfixed,
        exit => exit,
    };
    progress.end();
    let all_written = write_files(args, &targets, &outcome, streams.err)?;
    let written = match diff {
        Some(fixed) => report::write_notifications(&outcome, streams.err)
            .and_then(|()| fix::write_diff(&files, &fixed, streams.out)),
        None => write_report(args, &outcome, streams),
    };
    match written {
        // Whoever closed the pipe has read enough; the exit code still says how it went.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        done => done?,
    }
    Ok(if all_written { exit } else { Exit::Incomplete })
}

/// Refuses arguments that contradict each other.
fn refuse(args: &CheckArgs, accepts: bool, fixes: bool) -> Result<(), UsageError> {
    let since = args.changed_since.as_deref().is_some_and(|revision| !revision.is_empty());
    if args.quiet && args.verbose {
        return Err(UsageError::new("`--quiet` and `--verbose` exclude each other"));
    }
    if accepts && (fixes || since) {
        return Err(UsageError::new("a baseline is of files as they are, and of all their lines"));
    }
    if fixes && since {
        return Err(UsageError::new("fixes move lines, so `--changed-since` cannot be told together with them"));
    }
    Ok(())
}

/// What is there to be checked, and what is configured for it, before any plugin is asked.
struct Ground {
    root: PathBuf,
    /// With what the configurations exclude.
    options: discover::Options,
    books: Books,
    /// Whether configurations lie below the given paths: what they exclude was found all the same.
    configured_below: bool,
    given: Given,
}

impl Ground {
    fn survey(args: &CheckArgs, current: &Path) -> Result<Self, CommandError> {
        let mut options = discovery_options(args, current);
        let wrong = |error: DiscoverError| UsageError::new(error.to_string());
        let root = configure::root(&options)?;
        if args.paths.iter().any(|path| path.as_os_str() == "-") {
            let input = standard_input(args, &options)?;
            let books = configure::books(&args.configuration, &root, slice::from_ref(&input.given.path), &[])?;
            options.excludes.extend(books.excludes());
            return Ok(Self { root, options, books, configured_below: false, given: Given::Input(input) });
        }
        let starts = starts(&options);
        let mut books = configure::books(&args.configuration, &root, &starts, &[])?;
        options.excludes.extend(books.excludes());
        let found = discover::discover(&options).map_err(wrong)?;
        let lacking = found.candidates.iter().filter(|found| books.lacks(&found.relative));
        let below: Vec<PathBuf> = lacking.map(|found| found.path.clone()).collect();
        if !below.is_empty() {
            books = configure::books(&args.configuration, &root, &starts, &below)?;
        }
        Ok(Self { root, options, books, configured_below: !below.is_empty(), given: Given::Found(found) })
    }
}

/// What is to be checked.
enum Given {
    /// Standard input.
    Input(Input),
    /// Files that were found.
    Found(Discovery),
}

impl Given {
    /// Reads it, with where each file lies.
    fn gather(self, keep: &Keep<'_, '_>, around: &Around<'_>, jobs: usize) -> (Gathered, HashMap<String, PathBuf>) {
        let mut found = match self {
            Self::Input(input) => return (input.gather(around, jobs), HashMap::new()),
            Self::Found(found) => found,
        };
        found.candidates.retain(|found| keep.keeps(found));
        let mut gathered = gather(&found.candidates, around, jobs);
        gathered.notifications.extend(found.unread.iter().map(|unread| Notification {
            level: Level::Error,
            path: Some(unread.path().to_owned()),
            plugin: None,
            message: unread.to_string(),
        }));
        (gathered, found.candidates.into_iter().map(|found| (found.relative, found.path)).collect())
    }
}

/// Which files are kept: what configurations at or above the given paths exclude was not even looked at, but that of
/// configurations further down is among what was found.
struct Keep<'r, 'p> {
    rulebook: &'r Rulebook<'p>,
    force_exclude: bool,
    /// Whether there are configurations further down.
    ask: bool,
}

impl Keep<'_, '_> {
    fn keeps(&self, found: &Candidate) -> bool {
        found.named && !self.force_exclude || !(self.ask && self.rulebook.is_excluded(&found.relative))
    }
}

/// Adds what is to be said of the configuration, and what the reports have no room for.
fn add_remarks(args: &CheckArgs, rulebook: &Rulebook<'_>, outcome: &mut Outcome) {
    let remark = |message| Notification { level: Level::Note, path: None, plugin: None, message };
    outcome.notifications.extend(rulebook.remarks().into_iter().map(remark));
    let formats: BTreeSet<_> = args.output.iter().map(|output| output.format).chain([args.format]).collect();
    let left_out = |format| report::left_out(format, outcome, &plain(args));
    let left_out: Vec<_> = formats.into_iter().filter_map(left_out).collect();
    outcome.notifications.extend(left_out);
}

/// Whether this run reports on a file: one that has the whole tree does on all.
fn is_ours(args: &CheckArgs, path: &str) -> bool {
    args.shard.is_none_or(|shard| shard.holds(path))
}

/// The day, which decides whether an exception with an end still holds; a clock before 1970 stands still.
fn today() -> Date {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Date::of_unix_time(now.as_secs())
}

/// The user's own folder for what can be made again, as the system has it, or why there is none. One that lies below the
/// root is not used: what is in it may have come with the repository, and a pull request must not bring machine code.
pub(super) fn cache_folder(root: &Path) -> Result<PathBuf, &'static str> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    };
    let caches = caches.ok_or("no variable names a cache folder")?;
    if caches.starts_with(root) || real(&caches).starts_with(root) {
        return Err("the cache folder lies in what is checked");
    }
    Ok(caches.join("hullmark"))
}

fn discovery_options(args: &CheckArgs, current: &Path) -> discover::Options {
    discover::Options {
        paths: args.paths.clone(),
        root: args.root.clone(),
        language: args.language.map(Language::from),
        excludes: args.exclude.clone(),
        force_exclude: args.force_exclude,
        ..discover::Options::new(current)
    }
}

/// What the arguments say of rules.
fn choice(args: &CheckArgs) -> Choice {
    Choice {
        select: args.select.clone(),
        ignore: args.ignore.clone(),
        kubernetes_version: args.kubernetes_version.clone(),
        scope: args.scope.map(Scope::from),
        fail_on: args.fail_on.map(Level::from),
        ..Choice::default()
    }
}

/// The paths from which configurations are looked for: without symbolic links. What does not exist is told later.
fn starts(options: &discover::Options) -> Vec<PathBuf> {
    if options.paths.is_empty() {
        return vec![options.current.clone()];
    }
    options.paths.iter().filter_map(|path| options.current.join(path).canonicalize().ok()).collect()
}

/// What ShellCheck finds, where it is asked for.
fn ask_shellcheck(args: &CheckArgs, files: &[File], rulebook: &Rulebook<'_>, jobs: usize) -> shellcheck::Answer {
    if !args.shellcheck {
        return shellcheck::Answer::default();
    }
    let excluded = args.ignore.iter().filter(|name| shellcheck::is_code(name)).cloned().collect();
    shellcheck::check(files, rulebook, &ShellCheck { excluded, jobs, ..ShellCheck::default() })
}

/// Languages in which rules that are on compare files.
fn compared(registry: &Registry, rulebook: &Rulebook<'_>) -> HashSet<Language> {
    let rules = registry.plugins().iter().flat_map(|plugin| &plugin.info().rules);
    let subjects = rules.filter(|rule| rulebook.is_on_anywhere(&rule.id)).flat_map(|rule| &rule.subjects);
    let languages = |subject: &String| match subject.as_str() {
        "project" => vec![Language::Dockerfile, Language::Manifest],
        "project:dockerfile" => vec![Language::Dockerfile],
        "project:manifest" => vec![Language::Manifest],
        _ => Vec::new(),
    };
    subjects.flat_map(languages).collect()
}

/// Everything under the root. What cannot be read there was not asked for.
fn everything(options: &discover::Options) -> Vec<discover::Candidate> {
    let root = discover::root(options);
    let everything = |root: PathBuf| discover::Options {
        paths: vec![root.clone()],
        root: Some(root),
        language: None,
        force_exclude: false,
        ..options.clone()
    };
    root.and_then(|root| discover::discover(&everything(root)))
        .map(|discovery| discovery.candidates)
        .unwrap_or_default()
}

/// Standard input as the only file.
struct Input {
    /// The file in whose place it stands.
    given: Candidate,
    /// Whether that is a file of the repository: without a name it is none.
    is_named: bool,
    bytes: Vec<u8>,
}

impl Input {
    fn gather(self, around: &Around<'_>, jobs: usize) -> Gathered {
        if self.is_named {
            return gather_bytes(self.given, self.bytes, around, jobs);
        }
        let given = Candidate { relative: "stdin".to_owned(), template: false, ..self.given };
        gather_bytes(
            given,
            self.bytes,
            &Around { everything: &Vec::new, compared: around.compared.clone(), ..*around },
            jobs,
        )
    }
}

fn standard_input(args: &CheckArgs, options: &discover::Options) -> Result<Input, UsageError> {
    if args.paths.len() > 1 {
        return Err(UsageError::new("standard input (`-`) cannot be checked together with files"));
    }
    let name = args.stdin_filename.as_deref();
    let given = discover::named(options, name.unwrap_or(Path::new("stdin")))
        .map_err(|error| UsageError::new(error.to_string()))?;
    if given.language == Guess::Unknown {
        return Err(UsageError::with_help(
            "it is not known what standard input is",
            "name it with `--stdin-filename`, or say `--as dockerfile` or `--as manifest`",
        ));
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| UsageError::new(format!("standard input cannot be read: {error}")))?;
    Ok(Input { given, is_named: name.is_some(), bytes })
}

/// The files that reports go to, each of which could be written now.
fn targets(args: &CheckArgs, root: &Path, current: &Path) -> Result<Vec<Target>, UsageError> {
    let mut targets: Vec<Target> = Vec::with_capacity(args.output.len());
    for output in &args.output {
        stays_inside(root, current, &output.file)?;
        let target = Target::new(&output.file)?;
        if targets.iter().any(|other| other.is(&target)) {
            return Err(UsageError::new(format!("two reports go to `{}`", output.file.display())));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// What reports must know, for one that no person sees on a terminal.
fn plain(args: &CheckArgs) -> Context<'_> {
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    };
    // An empty variable names nothing.
    let sarif_category = args.sarif_category.as_deref().filter(|category| !category.is_empty());
    Context { verbosity, sarif_category, sarif_suppressed: args.sarif_include_suppressed, ..Context::default() }
}

/// Writes the reports that go to files, and says whether all of them could be written; those that could not are told.
fn write_files(args: &CheckArgs, targets: &[Target], outcome: &Outcome, err: &mut dyn Write) -> io::Result<bool> {
    let mut all = true;
    for (output, target) in args.output.iter().zip(targets) {
        let mut bytes = Vec::new();
        report::write(output.format, outcome, &plain(args), &mut bytes)?;
        if let Err(message) = target.write(&bytes) {
            all = false;
            writeln!(err, "error: {message}")?;
        }
    }
    Ok(all)
}

/// Writes the report on standard output.
fn write_report(args: &CheckArgs, outcome: &Outcome, streams: &mut Streams<'_>) -> io::Result<()> {
    if !args.format.has_notifications() {
        report::write_notifications(outcome, streams.err)?;
    }
    let context = Context { colours: colours(args.color, streams), width: width(streams), ..plain(args) };
    report::write(args.format, outcome, &context, streams.out)?;
    streams.out.flush()
}

fn colours(choice: ColorChoice, streams: &Streams<'_>) -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => streams.out_is_terminal && !set("NO_COLOR") && env::var_os("TERM") != Some("dumb".into()),
    }
}

fn width(streams: &Streams<'_>) -> usize {
    let terminal = || streams.out_is_terminal.then(terminal_size::terminal_size).flatten();
    terminal().map_or(WIDTH, |(width, _)| usize::from(width.0).max(40))
}

fn exit(args: &CheckArgs, rulebook: &Rulebook<'_>, outcome: &Outcome) -> Exit {
    let fails = |finding: &Finding| finding.level >= rulebook.fail_on(finding.place.source.path());
    if outcome.incomplete() {
        Exit::Incomplete
    } else if !args.exit_zero && outcome.findings.iter().any(fails) {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
