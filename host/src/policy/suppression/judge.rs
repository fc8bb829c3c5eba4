//! Which findings the exceptions of their files take away, and which exceptions are at fault.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::pragma::{self, Tool};
use super::{InFile, Named, SUPPRESSION, Suppression, rules};
use crate::document::{Source, Span};
use crate::finding::{Edit, Finding, Fix, Outcome, Place, Suppressed};
use crate::policy::names::canonical;
use crate::policy::{Date, RuleNames, Rulebook, Selection, SuppressionSettings, ViewKey};
use crate::shellcheck;

/// Names of a run for which the one that is meant is looked for.
const SUGGESTIONS: usize = 100;

/// Takes out of an outcome the findings that exceptions cover, each with the first that does, and gives what is to be said
/// of the exceptions themselves. That stays out of their reach: no comment allows itself.
pub fn apply(outcome: &mut Outcome, files: &[InFile], rulebook: &Rulebook<'_>, today: Date) -> Vec<Finding> {
    let mut alike: BTreeMap<ViewKey, Vec<&InFile>> = BTreeMap::new();
    for file in files {
        alike.entry(rulebook.of_file(file.source.path())).or_default().push(file);
    }
    let faults = alike.iter().flat_map(|(key, files)| apply_alike(outcome, files, &rulebook.selection(key), today));
    let faults = faults.collect();
    let order = |one: &Suppressed| (one.finding.place.source.path().to_owned(), one.finding.place.span);
    outcome.suppressed.sort_by_cached_key(order);
    faults
}

/// The same for files in which the same is said of rules. Findings in others stay.
fn apply_alike(outcome: &mut Outcome, files: &[&InFile], selection: &Selection, today: Date) -> Vec<Finding> {
    let names = RuleNames::new(outcome.plugins.iter().map(|plugin| &**plugin));
    let settings = selection.suppressions();
    let unsuppressible = settings.unsuppressible.iter().flat_map(|name| names.find(name)).collect();
    let failed = outcome.notifications.iter().filter_map(|notification| notification.plugin.clone()).collect();
    let judge = Judge {
        names: &names,
        selection,
        settings,
        unsuppressible,
        failed,
        today,
        suggestions: Cell::new(SUGGESTIONS),
    };
    let exceptions: HashMap<&str, Vec<Exception<'_>>> =
        files.iter().map(|file| (file.source.path(), judge.exceptions(file))).collect();

    let own = format!("{SUPPRESSION}/");
    for finding in std::mem::take(&mut outcome.findings) {
        let allowed = !finding.rule.starts_with(&own) && !judge.unsuppressible.contains(&*finding.rule);
        let of_file = exceptions.get(finding.place.source.path()).filter(|_| allowed);
        // Each one that covers it is of use, though the first would do.
        let by = of_file
            .into_iter()
            .flatten()
            .filter(|exception| exception.takes(&finding))
            .fold(None, |first, next| first.or(Some(next.suppression)));
        match by {
            Some(suppression) => outcome.suppressed.push(Suppressed {
                finding,
                comment: suppression.comment,
                tool: suppression.tool.as_str(),
                reason: suppression.reason.clone(),
            }),
            None => outcome.findings.push(finding),
        }
    }
    files.iter().flat_map(|file| judge.faults(file, &exceptions[file.source.path()])).collect()
}

/// An exception with its names looked up, while findings are held against it.
struct Exception<'e> {
    suppression: &'e Suppression,
    /// Whether it counts: it has not ended, and says why where it must.
    holds: bool,
    /// Indexes of the names that stand for a rule.
    by_rule: HashMap<&'e str, Vec<usize>>,
    /// Indexes of the names that a finding may carry, by their one spelling.
    by_id: HashMap<String, Vec<usize>>,
    /// Indexes of patterns, of `*` and of `plugin/*`: they are not spelled out, since a file may have very many of them.
    wide: Vec<usize>,
    /// Whether each name took a finding away.
    used: Vec<Cell<bool>>,
}

impl<'e> Exception<'e> {
    fn new(suppression: &'e Suppression, holds: bool, names: &'e RuleNames) -> Self {
        let (mut by_rule, mut by_id, mut wide) = (HashMap::new(), HashMap::new(), Vec::new());
        for (index, name) in suppression.names.iter().enumerate() {
            let rules = if name.is_pattern { Vec::new() } else { names.find(&name.text) };
            if name.is_pattern || name.text.ends_with('*') && !rules.is_empty() {
                wide.push(index);
            } else {
                rules.into_iter().for_each(|rule| by_rule.entry(rule).or_insert_with(Vec::new).push(index));
                by_id.entry(canonical(&name.text)).or_insert_with(Vec::new).push(index);
            }
        }
        let used = suppression.names.iter().map(|_| Cell::new(false)).collect();
        Self { suppression, holds, by_rule, by_id, wide, used }
    }

    /// Whether it takes a finding away; marks the names by which it does.
    fn takes(&self, finding: &Finding) -> bool {
        let Suppression { covers, names, .. } = self.suppression;
        if !self.holds || !covers.is_some_and(|covers| covers.contains(finding.place.span)) {
            return false;
        }
        let by_id = finding.aliases.iter().filter_map(|alias| self.by_id.get(&canonical(alias))).flatten();
        let by_name = self.by_rule.get(&*finding.rule).into_iter().flatten().chain(by_id);
        let by_wide = self.wide.iter().filter(|&&index| self.is_meant(&names[index], finding));
        by_name.chain(by_wide).fold(false, |_, &index| {
            self.used[index].set(true);
            true
        })
    }

    /// Whether a pattern, `*` or `plugin/*` means a finding.
    fn is_meant(&self, name: &Named, finding: &Finding) -> bool {
        if name.is_pattern {
            let is_of = |alias: &String| self.suppression.tool.owns(alias) && pragma::matches(&name.text, alias);
            return finding.aliases.iter().any(is_of);
        }
        finding.rule.starts_with(name.text.trim_end_matches('*'))
    }
}

/// What a run knows of rules when it judges exceptions.
struct Judge<'a> {
    names: &'a RuleNames,
    selection: &'a Selection,
    settings: &'a SuppressionSettings,
    /// Full names of the rules that allow no exceptions.
    unsuppressible: HashSet<&'a str>,
    /// Plugins that could not do all of their work.
    failed: HashSet<String>,
    today: Date,
    /// Names for which the one that is meant may still be looked for.
    suggestions: Cell<usize>,
}

/// Something wrong with an exception.
struct Fault {
    rule: &'static str,
    place: Span,
    message: String,
    /// What to take out of the text, and what that is.
    removal: Option<(Span, String)>,
}

impl<'a> Judge<'a> {
    fn exceptions(&self, file: &'a InFile) -> Vec<Exception<'a>> {
        let new = |suppression| Exception::new(suppression, self.holds(suppression), self.names);
        file.exceptions.suppressions.iter().map(new).collect()
    }

    fn has_ended(&self, suppression: &Suppression) -> bool {
        suppression.until.is_some_and(|until| until <= self.today)
    }

    fn lacks_reason(&self, suppression: &Suppression) -> bool {
        self.settings.require_reason && suppression.reason.is_none()
    }

    fn holds(&self, suppression: &Suppression) -> bool {
        !self.has_ended(suppression) && !self.lacks_reason(suppression)
    }

    /// What is wrong with the exceptions of a file, as findings of those rules that are on.
    fn faults(&self, file: &InFile, exceptions: &[Exception<'_>]) -> Vec<Finding> {
        let mut faults: Vec<(Fault, Tool)> = Vec::new();
        for malformed in &file.exceptions.malformed {
            let message = malformed.message.clone();
            let fault = Fault { rule: rules::MALFORMED, place: malformed.place, message, removal: None };
            faults.push((fault, Tool::Hullmark));
        }
        let used = || exceptions.iter().flat_map(Exception::used).collect::<HashSet<_>>();
        let used = used();
        for exception in exceptions {
            let tool = exception.suppression.tool;
            faults.extend(self.faults_of(exception, &used).into_iter().map(|fault| (fault, tool)));
        }
        faults.into_iter().filter_map(|(fault, tool)| self.finding(&file.source, fault, tool)).collect()
    }

    fn faults_of(&self, exception: &Exception<'_>, used: &HashSet<(Span, &str)>) -> Vec<Fault> {
        let suppression = exception.suppression;
        let (place, form) = (suppression.comment, suppression.form());
        let whole = suppression.removal.map(|removal| (removal, format!("remove the {form}")));
        let fault = |rule, message| Fault { rule, place, message, removal: None };
        let mut faults = self.names_at_fault(exception);
        if self.has_ended(suppression) {
            let message = match suppression.until {
                Some(day) if day > Date::default() => {
                    format!("the {form} ended on {day}, so it hides nothing any more")
                }
                _ => format!("the {form} ends on a day that does not exist, so it hides nothing"),
            };
            faults.push(Fault { removal: whole, ..fault(rules::EXPIRED, message) });
        } else if self.lacks_reason(suppression) {
            let message = format!("the {form} does not say why, so it hides nothing");
            faults.push(fault(rules::MISSING_REASON, message));
        } else if suppression.covers.is_none() {
            let message = format!("nothing follows that the {form} could be about");
            faults.push(Fault { removal: whole, ..fault(rules::UNUSED, message) });
        } else {
            let is_unused = |index: &usize| {
                self.is_judged(exception, *index) && !used.contains(&(place, suppression.names[*index].text.as_str()))
            };
            let unused: Vec<usize> = (0..suppression.names.len()).filter(is_unused).collect();
            if unused.len() == suppression.names.len() {
                let of = if suppression.tool == Tool::Hullmark { "" } else { " that hullmark finds" };
                let message = format!("the {form} hides nothing{of}");
                faults.push(Fault { removal: whole, ..fault(rules::UNUSED, message) });
            } else {
                let of_name = |index: usize| {
                    let Named { text, place: at, .. } = &suppression.names[index];
                    let message = format!("`{text}` hides nothing here");
                    let removal = name_removal(suppression, index).map(|span| (span, format!("remove `{text}`")));
                    Fault { place: at.unwrap_or(place), removal, ..fault(rules::UNUSED, message) }
                };
                faults.extend(unused.into_iter().map(of_name));
            }
        }
        faults
    }

    /// Names that stand for nothing, and names of rules that allow no exceptions.
    fn names_at_fault(&self, exception: &Exception<'_>) -> Vec<Fault> {
        let suppression = exception.suppression;
        let mut faults = Vec::new();
        for name in suppression.names.iter().filter(|name| !name.is_pattern) {
            let rules = self.names.find(&name.text);
            let (rule, message) = if !rules.is_empty() && rules.iter().all(|rule| self.unsuppressible.contains(rule)) {
                (rules::FORBIDDEN, format!("`{}` allows no exceptions", name.text))
            } else if suppression.tool == Tool::Hullmark && rules.is_empty() && !is_foreign(&name.text) {
                (rules::MALFORMED, self.unknown(&name.text))
            } else {
                continue;
            };
            faults.push(Fault { rule, place: name.place.unwrap_or(suppression.comment), message, removal: None });
        }
        faults
    }

    /// What is said of a name that no rule has. To look for the one that is meant takes long, so it is done for some only.
    fn unknown(&self, name: &str) -> String {
        let suggestions = self.suggestions.get();
        self.suggestions.set(suggestions.saturating_sub(1));
        let suggested = || self.names.resolve(name).err().map(|error| error.to_string());
        let suggested = if suggestions > 0 { suggested() } else { None };
        suggested.unwrap_or_else(|| format!("there is no rule `{name}`"))
    }

    /// Whether it would show if a name were of use: all its rules were on, and did their work.
    fn is_judged(&self, exception: &Exception<'_>, index: usize) -> bool {
        let name = &exception.suppression.names[index];
        let rules = if name.is_pattern { Vec::new() } else { self.names.find(&name.text) };
        let did_work = |rule: &&str| {
            let plugin = rule.split('/').next().unwrap_or_default();
            self.selection.is_whole(rule) && !self.failed.contains(plugin) && !self.unsuppressible.contains(*rule)
        };
        !rules.is_empty() && rules.iter().all(did_work)
    }

    fn finding(&self, source: &Arc<Source>, fault: Fault, tool: Tool) -> Option<Finding> {
        let place = |span| Place { source: Arc::clone(source), span };
        let fix = |(span, title)| Fix {
            title,
            // Another tool may still need its own form.
            safe: tool == Tool::Hullmark,
            edits: vec![Edit { place: place(span), text: String::new() }],
        };
        Some(Finding {
            rule: fault.rule.into(),
            level: self.selection.level(fault.rule)?,
            message: fault.message,
            place: place(fault.place),
            object: None,
            stage: None,
            aliases: Vec::new(),
            related: Vec::new(),
            fixes: fault.removal.map(fix).into_iter().collect(),
            fingerprint: String::new(),
        })
    }
}

impl Exception<'_> {
    /// The names that took findings away, with their comment: what an alias brings stands in one place for several
    /// objects.
    fn used(&self) -> impl Iterator<Item = (Span, &str)> {
        let used = self.suppression.names.iter().zip(&self.used).filter(|(_, used)| used.get());
        used.map(|(name, _)| (self.suppression.comment, name.text.as_str()))
    }
}

/// Whether a name that no rule has is one of another tool, which knows more than hullmark does.
fn is_foreign(name: &str) -> bool {
    shellcheck::is_code(name) || Tool::ALL.into_iter().any(|tool| tool.owns(name))
}

/// A name with the comma that parts it from the name before it, or else from the name behind it.
fn name_removal(suppression: &Suppression, index: usize) -> Option<Span> {
    let place = |index: usize| suppression.names.get(index).and_then(|name| name.place);
    let own = place(index)?;
    match index.checked_sub(1) {
        Some(before) => Some(Span::new(place(before)?.end, own.end)),
        None => Some(Span::new(own.start, place(1)?.start)),
    }
}
