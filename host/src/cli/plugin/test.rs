//! `hullmark plugin test`: every rule of a plugin, held to its fixtures.

use std::path::{Path, PathBuf};

use super::super::args::TestArgs;
use super::{CommandError, Exit, Streams, UsageError, build, cache, compiling, load};
use crate::finding::Plugin;
use crate::fixture;
use crate::plugin::{Compilation, Limits, Registry};

/// Runs all cases; [`Exit::Findings`] where one is not as it says.
pub(super) fn test(args: &TestArgs, streams: &mut Streams<'_>) -> Result<Exit, CommandError> {
    let file = match &args.component {
        Some(file) => {
            load(file)?;
            file.clone()
        }
        None => build::component(&args.folder, None)?.0,
    };
    let cache = cache()?;
    let compiling = compiling(&cache);
    let watch = |told: Option<&Compilation<'_>>| compiling.hear(told);
    let cache = cache.as_deref().ok();
    let (registry, notifications) = Registry::load_with_cache(false, &[file], Limits::default(), cache, Some(&watch));
    let [plugin] = registry.plugins() else {
        let reason = notifications.first().map_or("", |notification| notification.message.as_str());
        return Err(UsageError::new(reason).into());
    };
    let fixtures = args.fixtures.clone().unwrap_or_else(|| args.folder.join("fixtures"));
    let cases = cases(plugin.info(), &fixtures)?;
    let title = |path: &Path| path.strip_prefix(&fixtures).unwrap_or(path).display().to_string();
    let (mut passed, mut failed) = (0, 0);
    for Case { rule, path } in &cases {
        let update = if args.update { fixture::update(&registry, rule, path) } else { Ok(false) };
        let faults = match &update {
            Ok(_) => fixture::judge(&registry, rule, path),
            Err(reason) => format!("  {reason}\n"),
        };
        if faults.is_empty() {
            passed += 1;
            writeln!(streams.out, "{:7} {}", if update == Ok(true) { "updated" } else { "ok" }, title(path))?;
        } else {
            failed += 1;
            write!(streams.out, "FAILED  {}\n{faults}", title(path))?;
        }
    }
    let mut missing = uncovered(plugin.info(), &cases);
    missing.extend(unfixed(&registry, &cases).iter().map(|path| {
        format!("{}: a rule with fixes shows what they make of a case; `--update` writes it", title(path))
    }));
    for missing in &missing {
        writeln!(streams.out, "MISSING {missing}")?;
    }
    writeln!(streams.out, "\n{passed} passed, {} failed", failed + missing.len())?;
    if failed > 0 && !args.update {
        writeln!(streams.out, "`-` is what the fixtures say, `+` what the rules do; `--update` writes the latter")?;
    }
    Ok(if failed + missing.len() == 0 { Exit::Clean } else { Exit::Findings })
}

/// A case of a rule.
struct Case {
    /// The rule's full name.
    rule: String,
    path: PathBuf,
}

/// All cases of a plugin, by rule and name.
fn cases(plugin: &Plugin, fixtures: &Path) -> Result<Vec<Case>, UsageError> {
    let list = |folder: &Path| {
        fixture::entries(folder).map_err(|error| {
            let help = "a case is `fixtures/<rule>/flagged.Dockerfile`, or another file or folder there";
            UsageError::with_help(format!("`{}` cannot be read: {error}", folder.display()), help)
        })
    };
    let mut cases = Vec::new();
    for folder in list(fixtures)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(rule) = plugin.rules.iter().find(|rule| rule.name() == name) else {
            let names: Vec<&str> = plugin.rules.iter().map(|rule| rule.name()).collect();
            let message = format!("`{}` belongs to no rule of the plugin", folder.display());
            return Err(UsageError::with_help(message, format!("its rules are {}", names.join(", "))));
        };
        for path in list(&folder)? {
            match fixture::flagged_path(&path) {
                Some(flagged) if flagged.exists() => {}
                Some(flagged) => {
                    let message = format!("`{}` is there without what it was made of", path.display());
                    let help = format!("write `{}`, or take the file away", flagged.display());
                    return Err(UsageError::with_help(message, help));
                }
                None => cases.push(Case { rule: rule.id.clone(), path }),
            }
        }
    }
    Ok(cases)
}

/// Cases that every rule has, and these lack.
fn uncovered(plugin: &Plugin, cases: &[Case]) -> Vec<String> {
    let of_rule = |id: &str| -> Vec<PathBuf> {
        cases.iter().filter(|case| case.rule == id).map(|case| case.path.clone()).collect()
    };
    let missing = plugin.rules.iter().flat_map(|rule| {
        let missing = fixture::missing(rule, &of_rule(&rule.id));
        missing.into_iter().map(|case| format!("{}/{case}", rule.name()))
    });
    missing.map(|case| format!("{case}: every rule has a case that it flags, and a clean one")).collect()
}

/// Where fixed files would lie of the first case of each rule that fixes change, where no case of the rule has any.
fn unfixed(registry: &Registry, cases: &[Case]) -> Vec<PathBuf> {
    let by_rule = cases.chunk_by(|one, other| one.rule == other.rule);
    let bare = by_rule
        .filter(|cases| !cases.iter().any(|case| fixture::fixed_path(&case.path).is_some_and(|path| path.exists())));
    let first =
        bare.filter_map(|cases| cases.iter().find(|case| fixture::lacks_fixed(registry, &case.rule, &case.path)));
    first.filter_map(|case| fixture::fixed_path(&case.path)).collect()
}
