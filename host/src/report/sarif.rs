//! SARIF 2.1.0 as GitHub code scanning reads it and Microsoft's Multitool accepts it: one run, the host as the driver,
//! every other plugin as an extension with all its rules.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix as SarifFix, Invocation, Location, LogicalLocation, Message,
    MultiformatMessageString, Notification as SarifNotification, PhysicalLocation, PropertyBag, Region as SarifRegion,
    Replacement, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference, Result as SarifResult,
    ResultLevel, Run, RunAutomationDetails, Sarif, Suppression, Tool, ToolComponent, ToolComponentReference,
};

use super::left_out::{LeftOut, MAX_RESULTS};
use super::line_hash::{LineHash, line_hashes};
use super::{Context, markdown, place, uri};
use crate::document::{Region, Source, Span};
use crate::finding::{
    Edit, Finding, Fix, Level, Notification, ObjectName, Outcome, Place, Plugin, Related, Rule, Suppressed,
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Stands for the root of the repository. It has no URI, so that no path of the machine gets into the file.
const ROOT: &str = "%SRCROOT%";
/// Key of GitHub's line hash.
const LINE_HASH: &str = "primaryLocationLineHash";
/// Key of our own fingerprint.
const FINGERPRINT: &str = "hullmark/v1";
/// Key of a rule's severity for security.
const SCORE: &str = "security-severity";
/// Tags beyond this number are dropped by GitHub.
const MAX_TAGS: usize = 10;
/// Characters of a description beyond this number make GitHub refuse the file.
const MAX_DESCRIPTION: usize = 1024;
/// Related places that are written; more tell a reader nothing.
const MAX_RELATED: usize = 100;
/// Related places that the message links to.
const MAX_LINKS: usize = 5;

/// What a notification is about, with its descriptor.
const SUBJECTS: [(&str, &str); 3] = [
    ("hullmark/plugin", "A plugin could not do all of its work."),
    ("hullmark/file", "A file could not be checked."),
    ("hullmark/run", "Something concerns the run as a whole."),
];

pub(super) fn write(outcome: &Outcome, context: &Context<'_>, to: &mut dyn Write) -> io::Result<()> {
    // Most of the file is what rules say of themselves, about a megabyte: it is not kept in memory as a whole.
    let mut to = BufWriter::with_capacity(1 << 16, to);
    write_log(&log(run(outcome, context)), &mut to)?;
    to.flush()
}

fn write_log(log: &Sarif, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, log)?;
    to.write_all(b"\n")
}

/// A file as it is written.
pub(super) fn to_bytes(log: &Sarif) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_log(log, &mut bytes)?;
    Ok(bytes)
}

/// The file of a run.
pub(super) fn log(run: Run) -> Sarif {
    Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).runs(vec![run]).build()
}

fn run(outcome: &Outcome, context: &Context<'_>) -> Run {
    let mut run = Run::builder()
        .tool(tool(outcome, context))
        .invocations(vec![invocation(outcome)])
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root())]))
        .column_kind(json!("utf16CodeUnits"))
        .results(results(outcome, context.sarif_suppressed))
        .build();
    // Without one the category that the upload is given holds; one in the file would be stronger.
    run.automation_details = context.sarif_category.map(|category| {
        let id = format!("{}/", category.trim_end_matches('/'));
        RunAutomationDetails::builder().id(id).build()
    });
    run
}

fn root() -> ArtifactLocation {
    ArtifactLocation::builder().description(message("The root of the repository.")).build()
}

fn tool(outcome: &Outcome, context: &Context<'_>) -> Tool {
    let (own, others): (Vec<_>, Vec<_>) = outcome.plugins.iter().partition(|plugin| plugin.is_host());
    let mut driver = ToolComponent::builder()
        .name("hullmark")
        .version(context.version)
        .semantic_version(context.version)
        .information_uri(env!("CARGO_PKG_HOMEPAGE"))
        .notifications(SUBJECTS.map(|(id, text)| subject(id, text)).to_vec())
        .build();
    driver.rules = Some(own.iter().flat_map(|plugin| &plugin.rules).map(descriptor).collect());
    let mut tool = Tool::builder().driver(driver).build();
    if !others.is_empty() {
        tool.extensions = Some(others.into_iter().map(|plugin| extension(plugin)).collect());
    }
    tool
}

fn subject(id: &str, text: &str) -> ReportingDescriptor {
    let text = || MultiformatMessageString::builder().text(text).build();
    ReportingDescriptor::builder().id(id).short_description(text()).full_description(text()).help(text()).build()
}

fn extension(plugin: &Plugin) -> ToolComponent {
    let mut component = ToolComponent::builder().name(&plugin.name).build();
    component.version = filled(&plugin.version);
    component.semantic_version = filled(&plugin.version);
    component.short_description =
        filled(&plugin.summary).map(|summary| MultiformatMessageString::builder().text(summary).build());
    component.information_uri =
        Some(plugin.homepage.clone().into_owned()).filter(|homepage| uri::is_web_address(homepage));
    component.rules = Some(plugin.rules.iter().map(descriptor).collect());
    component
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let summary = filled(&rule.summary).unwrap_or_else(|| rule.id.clone());
    let about = markdown::section(&rule.explanation, "What it checks").map(markdown::first_paragraph);
    let full = about.filter(|about| !about.is_empty()).unwrap_or_else(|| summary.clone());
    let help = help(rule, &summary);
    let plain = |text: &str| MultiformatMessageString::builder().text(shortened(text)).build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(&rule.id)
        .name(rule.name())
        .short_description(plain(&summary))
        .full_description(plain(&full))
        .help(MultiformatMessageString::builder().text(help.as_str()).markdown(help.as_str()).build())
        .default_configuration(ReportingConfiguration::builder().level(json!(rule.default_level().as_str())).build())
        .properties(rule_properties(rule))
        .build();
    descriptor.help_uri =
        rule.references.iter().find(|reference| uri::is_web_address(reference)).map(ToString::to_string);
    descriptor
}

/// The whole explanation. GitHub shows no `helpUri`, so the references stand in the text.
fn help(rule: &Rule, summary: &str) -> String {
    let mut help = filled(&rule.explanation).unwrap_or_else(|| summary.to_owned());
    let mut missing = rule.references.iter().filter(|reference| uri::is_web_address(reference)).peekable();
    if markdown::section(&help, "References").is_none() && missing.peek().is_some() {
        help.truncate(help.trim_end().len());
        help.push_str("\n\n## References\n");
        for reference in missing {
            help.push_str(&format!("\n- <{reference}>"));
        }
        help.push('\n');
    }
    help
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_DESCRIPTION - 1) {
        Some((end, last)) if end + last.len_utf8() < text.len() => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

fn rule_properties(rule: &Rule) -> PropertyBag {
    let tags = tags(rule);
    let severity = match rule.default_level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "recommendation",
    };
    let mut more = BTreeMap::from([("problem.severity".to_owned(), json!(severity))]);
    if matches!(&*rule.precision, "very-high" | "high" | "medium" | "low") {
        more.insert("precision".into(), json!(rule.precision));
    }
    if let Some(score) = score(rule) {
        more.insert(SCORE.into(), json!(score));
    }
    if !rule.aliases.is_empty() {
        more.insert("aliases".into(), json!(rule.aliases));
    }
    let mut properties = PropertyBag::builder().additional_properties(more).build();
    properties.tags = (!tags.is_empty()).then_some(tags);
    properties
}

/// GitHub refuses a file whose score is no number, and passes over one of a rule that is not about security.
fn score(rule: &Rule) -> Option<&str> {
    let score = rule.security_severity.as_deref().filter(|score| is_score(score))?;
    rule.tags.iter().any(|tag| tag == "security").then_some(score)
}

fn is_score(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    digits && text.parse().is_ok_and(|score: f64| score > 0.0 && score <= 10.0)
}

/// The rule's tags, each once, those that GitHub gives a meaning first, and no more than it keeps.
fn tags(rule: &Rule) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut tags: Vec<_> = rule.tags.iter().map(|tag| github_tag(tag)).filter(|tag| seen.insert(tag.clone())).collect();
    tags.sort_by_key(|tag| tag != "security" && !tag.starts_with("external/cwe/"));
    tags.truncate(MAX_TAGS);
    tags
}

/// `CWE-250` in the form that GitHub knows; any other tag as it is.
fn github_tag(tag: &str) -> String {
    let lower = tag.to_ascii_lowercase();
    let number = lower.strip_prefix("cwe-").filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    number
        .filter(|number| !number.is_empty())
        .map_or_else(|| tag.to_owned(), |number| format!("external/cwe/cwe-{number}"))
}

fn invocation(outcome: &Outcome) -> Invocation {
    Invocation::builder()
        .execution_successful(!outcome.incomplete())
        .tool_execution_notifications(outcome.notifications.iter().map(notification).collect::<Vec<_>>())
        .build()
}

pub(super) fn notification(notification: &Notification) -> SarifNotification {
    let subject = match notification {
        Notification { plugin: Some(_), .. } => 0,
        Notification { path: Some(_), .. } => 1,
        _ => 2,
    };
    let mut written = SarifNotification::builder()
        .level(json!(notification.level.as_str()))
        .message(message(&plain_text(&notification.message)))
        .descriptor(ReportingDescriptorReference::builder().id(SUBJECTS[subject].0).index(subject as i64).build())
        .build();
    if let Some(path) = &notification.path {
        let physical = PhysicalLocation::builder().artifact_location(artifact(path)).build();
        written.locations = Some(vec![Location::builder().physical_location(physical).build()]);
    }
    if let Some(plugin) = &notification.plugin {
        written.properties = Some(properties([("plugin", json!(plugin))]));
    }
    written
}

fn properties<const N: usize>(entries: [(&str, Value); N]) -> PropertyBag {
    PropertyBag::builder()
        .additional_properties(BTreeMap::from(entries.map(|(key, value)| (key.to_owned(), value))))
        .build()
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn artifact(path: &str) -> ArtifactLocation {
    ArtifactLocation::builder().uri(uri::from_path(path)).uri_base_id(ROOT).build()
}

fn results(outcome: &Outcome, with_suppressed: bool) -> Vec<SarifResult> {
    let rules = rule_references(outcome);
    let mut lines = Lines::default();
    let (kept, _) = kept(outcome, with_suppressed);
    let results = kept.into_iter().map(|(finding, region, suppressions)| {
        let mut result = result(finding, region, rules.get(&*finding.rule), &mut lines);
        // All results of a run have it, or none (SARIF 2.1.0, 3.27.23).
        result.suppressions = with_suppressed.then_some(suppressions);
        result
    });
    results.collect()
}

/// A finding that becomes a result, with what keeps it from being reported elsewhere.
type Kept<'a> = (&'a Finding, Region, Vec<Suppression>);

/// The findings that become results, and those for which there is no room.
fn kept(outcome: &Outcome, with_suppressed: bool) -> (Vec<Kept<'_>>, LeftOut) {
    let mut seen = HashSet::new();
    let mut distinct = Vec::with_capacity(outcome.findings.len());
    let reported = outcome.findings.iter().map(|finding| (finding, Vec::new()));
    let suppressed = outcome.suppressed.iter().map(|suppressed| (&suppressed.finding, vec![in_source(suppressed)]));
    let baselined = outcome.baselined.iter().map(|finding| (finding, vec![suppression("external")]));
    let set_aside = suppressed.chain(baselined).filter(|_| with_suppressed);
    for (finding, suppressions) in reported.chain(set_aside) {
        let region = place::region(&finding.place.source, finding.place.span);
        // Code scanning tells alerts of one rule at one place apart by nothing.
        if seen.insert((&*finding.rule, finding.place.source.path(), region.start_line, region.start_column)) {
            distinct.push((finding, region, suppressions));
        }
    }
    let scores = Scores::of(
        outcome
            .plugins
            .iter()
            .flat_map(|plugin| &plugin.rules)
            .map(|rule| (rule.id.as_str(), score(rule).unwrap_or_default())),
    );
    weightiest(distinct, |(finding, _, suppressions)| Weight {
        is_reported: suppressions.is_empty(),
        level: finding.level,
        score: scores.of_rule(&finding.rule),
    })
}

/// What keeps findings out of the file, where they are more than GitHub takes.
pub(super) fn left_out(outcome: &Outcome, with_suppressed: bool) -> Option<Notification> {
    let set_aside = if with_suppressed { outcome.suppressed.len() + outcome.baselined.len() } else { 0 };
    if outcome.findings.len() + set_aside <= MAX_RESULTS {
        return None;
    }
    kept(outcome, with_suppressed).1.notification()
}

/// By what results are chosen where there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Weight {
    /// Whether nothing keeps it from being reported: what is suppressed takes nothing else's room.
    pub(super) is_reported: bool,
    /// Its level.
    pub(super) level: Level,
    /// How severe it is for security, in hundredths.
    pub(super) score: u32,
}

/// As many items as GitHub keeps, the weightiest ones in their order, and what the others are.
pub(super) fn weightiest<T>(items: Vec<T>, weight: impl Fn(&T) -> Weight) -> (Vec<T>, LeftOut) {
    let mut left_out = LeftOut::default();
    if items.len() <= MAX_RESULTS {
        return (items, left_out);
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_cached_key(|&index| (Reverse(weight(&items[index])), index));
    for &index in &order[MAX_RESULTS..] {
        let Weight { is_reported, level, .. } = weight(&items[index]);
        left_out.add(level, is_reported);
    }
    let kept: HashSet<usize> = order[..MAX_RESULTS].iter().copied().collect();
    let mut index = 0..;
    let kept = items.into_iter().filter(|_| index.next().is_some_and(|index| kept.contains(&index))).collect();
    (kept, left_out)
}

/// How severe the findings of each rule are for security, in hundredths.
pub(super) struct Scores(HashMap<String, u32>);

impl Scores {
    /// From ids of rules with their `security-severity`.
    fn of<'a>(rules: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let hundredths = |score: &str| score.parse().map_or(0, |score: f64| (score * 100.0) as u32);
        Self(rules.map(|(id, score)| (id.to_owned(), hundredths(score))).collect())
    }

    /// From what a file says of its rules.
    pub(super) fn of_tool(tool: &Tool) -> Self {
        let components = std::iter::once(&tool.driver).chain(tool.extensions.iter().flatten());
        let rules = components.flat_map(|component| component.rules.iter().flatten());
        Self::of(rules.filter_map(|rule| {
            let properties = &rule.properties.as_ref()?.additional_properties;
            Some((rule.id.as_str(), properties.get(SCORE)?.as_str()?))
        }))
    }

    pub(super) fn of_rule(&self, id: &str) -> u32 {
        self.0.get(id).copied().unwrap_or_default()
    }
}

fn suppression(kind: &str) -> Suppression {
    Suppression::builder().kind(json!(kind)).status(json!("accepted")).build()
}

/// A comment or an annotation, with its reason.
fn in_source(suppressed: &Suppressed) -> Suppression {
    let source = &suppressed.finding.place.source;
    let region = sarif_region(place::region(source, suppressed.comment));
    let location = Location::builder().physical_location(physical(source.path(), region)).build();
    Suppression { justification: suppressed.reason.clone(), location: Some(location), ..suppression("inSource") }
}

/// The line hashes of the source seen last: findings are sorted by path.
#[derive(Default)]
struct Lines(Option<(Arc<Source>, Vec<LineHash>)>);

impl Lines {
    fn hash(&mut self, source: &Arc<Source>, line: u32) -> Option<String> {
        if !self.0.as_ref().is_some_and(|(last, _)| Arc::ptr_eq(last, source)) {
            self.0 = Some((Arc::clone(source), line_hashes(source.bytes())));
        }
        let (_, hashes) = self.0.as_ref()?;
        hashes.get(line.checked_sub(1)? as usize).map(ToString::to_string)
    }
}

/// Where a rule is declared.
struct RuleReference<'a> {
    index: usize,
    /// Index and name of the extension; `None` for the driver.
    extension: Option<(usize, &'a str)>,
}

fn rule_references(outcome: &Outcome) -> HashMap<&str, RuleReference<'_>> {
    let (own, others): (Vec<_>, Vec<_>) = outcome.plugins.iter().partition(|plugin| plugin.is_host());
    let driver = own.into_iter().flat_map(|plugin| &plugin.rules).enumerate();
    let driver = driver.map(|(index, rule)| (rule.id.as_str(), RuleReference { index, extension: None }));
    let extensions = others.into_iter().enumerate().flat_map(|(number, plugin)| {
        let extension = Some((number, plugin.name.as_str()));
        let rules = plugin.rules.iter().enumerate();
        rules.map(move |(index, rule)| (rule.id.as_str(), RuleReference { index, extension }))
    });
    driver.chain(extensions).collect()
}

fn result(finding: &Finding, region: Region, rule: Option<&RuleReference<'_>>, lines: &mut Lines) -> SarifResult {
    let source = &finding.place.source;
    let mut location = Location::builder().physical_location(physical(source.path(), sarif_region(region))).build();
    location.logical_locations = finding.object.as_ref().and_then(logical).map(|logical| vec![logical]);
    let mut result = SarifResult::builder()
        .rule_id(&*finding.rule)
        .level(level(finding.level))
        .message(message(&linked_message(finding)))
        .locations(vec![location])
        .build();
    if let Some(rule) = rule {
        refer(&mut result, &finding.rule, rule);
    }
    result.partial_fingerprints =
        lines.hash(source, region.start_line).map(|hash| BTreeMap::from([(LINE_HASH.to_owned(), hash)]));
    if !finding.fingerprint.is_empty() {
        result.fingerprints = Some(BTreeMap::from([(FINGERPRINT.to_owned(), finding.fingerprint.clone())]));
    }
    if !finding.related.is_empty() {
        let related = finding.related.iter().take(MAX_RELATED).enumerate();
        result.related_locations = Some(related.map(|(index, related)| related_location(index, related)).collect());
    }
    let fixes = fixes(finding);
    result.fixes = (!fixes.is_empty()).then_some(fixes);
    if !finding.aliases.is_empty() {
        result.properties = Some(properties([("aliases", json!(finding.aliases))]));
    }
    result
}

/// `ruleIndex` counts the driver's rules only; a rule of an extension needs the extension's index beside its own.
fn refer(result: &mut SarifResult, id: &str, rule: &RuleReference<'_>) {
    let Some((extension, name)) = rule.extension else {
        result.rule_index = Some(rule.index as i64);
        return;
    };
    let component = ToolComponentReference::builder().index(extension as i64).name(name).build();
    let reference = ReportingDescriptorReference::builder().id(id).index(rule.index as i64).tool_component(component);
    result.rule = Some(reference.build());
}

fn level(level: Level) -> ResultLevel {
    match level {
        Level::Note => ResultLevel::Note,
        Level::Warning => ResultLevel::Warning,
        Level::Error => ResultLevel::Error,
    }
}

/// The message, with a link to each related place: GitHub shows only those that the message links to.
fn linked_message(finding: &Finding) -> String {
    let text = filled(&finding.message).unwrap_or_else(|| finding.rule.to_string());
    let text = plain_text(&text);
    if finding.related.is_empty() {
        return text;
    }
    let links = finding.related.iter().take(MAX_LINKS).enumerate();
    let links: Vec<_> = links.map(|(index, related)| format!("[{}]({})", link_text(related), index + 1)).collect();
    match text.strip_suffix('.') {
        Some(sentence) => format!("{sentence} ({}).", links.join(", ")),
        None => format!("{text} ({})", links.join(", ")),
    }
}

/// Text of a message outside links. Brackets may stand there as they are, unless they would make a link
/// (SARIF 2.1.0, 3.11.6).
fn plain_text(text: &str) -> String {
    text.replace("](", "\\](")
}

/// Text of a link, where brackets and backslashes must be escaped.
fn link_text(related: &Related) -> String {
    let text = filled(&related.message).unwrap_or_else(|| related.place.source.path().to_owned());
    let mut escaped = String::with_capacity(text.len());
    for character in text.trim_end_matches('.').chars() {
        if matches!(character, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn physical(path: &str, region: SarifRegion) -> PhysicalLocation {
    PhysicalLocation::builder().artifact_location(artifact(path)).region(region).build()
}

fn sarif_region(region: Region) -> SarifRegion {
    SarifRegion::builder()
        .start_line(region.start_line)
        .start_column(region.start_column)
        .end_line(region.end_line)
        .end_column(region.end_column)
        .build()
}

fn related_location(index: usize, related: &Related) -> Location {
    let Place { source, span } = &related.place;
    let region = sarif_region(place::region(source, *span));
    let mut location =
        Location::builder().id(index as i64 + 1).physical_location(physical(source.path(), region)).build();
    location.message = filled(&related.message).map(|text| message(&plain_text(&text)));
    location
}

/// The object as `namespace/Kind/name/container`.
fn logical(object: &ObjectName) -> Option<LogicalLocation> {
    let parts = [&object.namespace, &object.kind, &object.name, &object.container];
    let parts: Vec<_> = parts.into_iter().filter_map(|part| filled(part.as_deref()?)).collect();
    let name = object.container.as_ref().or(object.name.as_ref()).or(object.kind.as_ref())?;
    Some(LogicalLocation::builder().name(name).fully_qualified_name(parts.join("/")).kind("resource").build())
}

/// Fixes that change something, each once, as the schema demands.
fn fixes(finding: &Finding) -> Vec<SarifFix> {
    let mut fixes = Vec::new();
    for fix in finding.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(fix) {
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    fixes
}

fn fix(fix: &Fix) -> SarifFix {
    let mut changes: Vec<(&str, Vec<Replacement>)> = Vec::new();
    for edit in &fix.edits {
        let path = edit.place.source.path();
        match changes.iter_mut().find(|(changed, _)| *changed == path) {
            Some((_, replacements)) => replacements.push(replacement(edit)),
            None => changes.push((path, vec![replacement(edit)])),
        }
    }
    let change = |(path, replacements): (&str, Vec<_>)| {
        ArtifactChange::builder().artifact_location(artifact(path)).replacements(replacements).build()
    };
    SarifFix::builder()
        .description(message(&plain_text(&fix.title)))
        .artifact_changes(changes.into_iter().map(change).collect::<Vec<_>>())
        .properties(properties([("applicability", json!(if fix.safe { "safe" } else { "unsafe" }))]))
        .build()
}

/// Unlike a place to look at, the deleted region is exact, and empty where the edit inserts.
fn replacement(edit: &Edit) -> Replacement {
    let Span { start, end } = edit.place.span;
    let region = edit.place.source.region(Span::new(start, end));
    let mut replacement = Replacement::builder().deleted_region(sarif_region(region)).build();
    if !edit.text.is_empty() {
        replacement.inserted_content = Some(ArtifactContent::builder().text(&edit.text).build());
    }
    replacement
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::samples::{DOCKERFILE, finding, full, outcome, place_of, plugin, rule, source, written};
    use super::*;

    fn sarif(outcome: &Outcome) -> Value {
        serde_json::from_str(&written(Format::Sarif, outcome, &Context::default())).unwrap()
    }

    fn run(outcome: &Outcome) -> Value {
        sarif(outcome)["runs"][0].take()
    }

    fn regions(findings: Vec<Finding>) -> Vec<[u64; 4]> {
        let region = |result: &Value| {
            let region = &result["locations"][0]["physicalLocation"]["region"];
            ["startLine", "startColumn", "endLine", "endColumn"].map(|key| region[key].as_u64().unwrap())
        };
        run(&outcome(findings))["results"].as_array().unwrap().iter().map(region).collect()
    }

    #[test]
    fn a_clean_run_still_has_results_and_rules() {
        let run = run(&outcome(Vec::new()));
        assert_eq!(run["results"], json!([]));
        assert_eq!(run["invocations"][0]["executionSuccessful"], json!(true));
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "syntax/dockerfile");
        assert_eq!(run["tool"]["extensions"][0]["rules"].as_array().unwrap().len(), 3);
        assert_eq!(run.get("automationDetails"), None);
    }

    #[test]
    fn the_file_reads_back_as_sarif() {
        let text = written(Format::Sarif, &full(), &Context::default());
        let log: Sarif = serde_json::from_str(&text).unwrap();
        assert_eq!(log, super::log(super::run(&full(), &Context::default())));
        assert_eq!(text, written(Format::Sarif, &full(), &Context { colours: true, width: 40, ..Context::default() }));
    }

    #[test]
    fn a_result_names_its_rule_where_it_is_declared() {
        let docker = source("Dockerfile", DOCKERFILE);
        let findings = ["syntax/dockerfile", "image/root"].map(|rule| finding(rule, place_of(&docker, "root", 0), "x"));
        let run = run(&outcome(findings.to_vec()));
        let results = &run["results"];
        assert_eq!((&results[0]["ruleId"], &results[0]["ruleIndex"]), (&json!("syntax/dockerfile"), &json!(0)));
        assert_eq!(
            results[1]["rule"],
            json!({"id": "image/root", "index": 1, "toolComponent": {"index": 0, "name": "image"}})
        );
        assert_eq!(results[1].get("ruleIndex"), None);
        assert_eq!(run["tool"]["extensions"][0]["rules"][1]["id"], "image/root");
    }

    #[test]
    fn a_rule_carries_what_code_scanning_shows() {
        let rules = run(&full())["tool"]["extensions"][0]["rules"].take();
        assert_eq!(rules[1]["name"], "root");
        assert_eq!(rules[1]["shortDescription"]["text"], "A summary.");
        assert_eq!(rules[1]["fullDescription"]["text"], "A condition. In detail.");
        assert_eq!(rules[1]["helpUri"], "https://docs.docker.com/reference/dockerfile/#user");
        assert!(rules[1]["help"]["markdown"].as_str().unwrap().ends_with(
            "Mend it. Or leave it.\n\n## References\n\n- <https://docs.docker.com/reference/dockerfile/#user>\n"
        ));
        assert_eq!(rules[1]["defaultConfiguration"]["level"], "error");
        assert_eq!(
            rules[1]["properties"],
            json!({"tags": ["security", "external/cwe/cwe-250", "containers"], "precision": "high",
                "problem.severity": "error", "security-severity": "7.5"})
        );
        assert_eq!(rules[0]["properties"], json!({"precision": "high", "problem.severity": "warning"}));
        assert_eq!(rules[0].get("helpUri"), None);
    }

    #[test]
    fn what_github_would_refuse_or_drop_is_not_written() {
        let mut odd = rule("a/b");
        odd.summary = "é".repeat(2000).into();
        odd.tags =
            (0..30).map(|number| format!("tag-{number}")).chain(["security".into(), "security".into()]).collect();
        odd.security_severity = Some("high".into());
        odd.precision = "sure".into();
        let written = run(&Outcome { plugins: vec![plugin("a", vec![odd]).into()], ..Outcome::default() });
        let written = &written["tool"]["extensions"][0]["rules"][0];
        assert_eq!(written["shortDescription"]["text"].as_str().unwrap().chars().count(), 1024);
        assert_eq!(written["properties"]["tags"].as_array().unwrap().len(), 10);
        assert_eq!(written["properties"]["tags"][0], "security");
        assert_eq!(written["properties"].get("security-severity"), None);
        assert_eq!(written["properties"].get("precision"), None);
        assert!(["0.1", "10", "9.95"].into_iter().all(is_score));
        assert!(!["0.0", "10.1", "", "NaN", "1e1", "-1", "."].into_iter().any(is_score));
    }

    #[test]
    fn a_whole_result() {
        let result = run(&full())["results"][0].take();
        let artifact = |uri| json!({"uri": uri, "uriBaseId": "%SRCROOT%"});
        let region = |line: u32, start: u32, end: u32| json!({"startLine": line, "startColumn": start, "endLine": line, "endColumn": end});
        assert_eq!(
            result["message"]["text"],
            r#"`nginx` has no tag, so `CMD ["a"]` may change ([the \[command\](x) \\ here](1), [used here, too](2))"#
        );
        assert_eq!(result["level"], "warning");
        assert_eq!(
            result["locations"],
            json!([{"physicalLocation": {"artifactLocation": artifact("app/Dockerfile"), "region": region(1, 6, 11)}}])
        );
        assert_eq!(result["relatedLocations"][1]["id"], 2);
        assert_eq!(
            result["relatedLocations"][1]["physicalLocation"],
            json!({"artifactLocation": artifact("deploy/web%20app.yaml"), "region": region(10, 18, 23)})
        );
        assert_eq!(
            result["fixes"][0]["artifactChanges"],
            json!([{"artifactLocation": artifact("app/Dockerfile"),
                "replacements": [{"deletedRegion": region(1, 11, 11), "insertedContent": {"text": ":1.27"}}]}])
        );
        assert_eq!(result["partialFingerprints"], json!({"primaryLocationLineHash": "729f93d03e294fba:1"}));
        assert_eq!(result["properties"], json!({"aliases": ["DL3006"]}));
    }

    #[test]
    fn equal_and_empty_fixes_are_left_out() {
        let mut outcome = full();
        let fixes = &mut outcome.findings[0].fixes;
        fixes.push(fixes[0].clone());
        fixes.push(Fix { title: "think".into(), safe: false, edits: Vec::new() });
        assert_eq!(run(&outcome)["results"][0]["fixes"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn an_object_is_a_logical_location() {
        let logical = run(&full())["results"][2]["locations"][0]["logicalLocations"].take();
        assert_eq!(logical, json!([{"name": "web", "fullyQualifiedName": "Deployment/web/web", "kind": "resource"}]));
    }

    #[test]
    fn a_link_in_a_message_is_no_link() {
        let place = place_of(&source("a", b"x"), "x", 0);
        assert_eq!(linked_message(&finding("a/b", place.clone(), "see [a](b) or [c]")), r"see [a\](b) or [c]");
        let mut sentence = finding("a/b", place.clone(), "A sentence.");
        sentence.related = vec![Related { place, message: String::new() }];
        assert_eq!(linked_message(&sentence), "A sentence ([a](1)).");
    }

    #[test]
    fn only_an_error_among_the_notifications_makes_a_run_fail() {
        let mut outcome = full();
        let invocation = run(&outcome)["invocations"][0].take();
        assert_eq!(invocation["executionSuccessful"], json!(false));
        let [file, plugin] = [0, 1].map(|index| &invocation["toolExecutionNotifications"][index]);
        assert_eq!(file["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a%20b.yaml");
        assert_eq!((&file["level"], &file["descriptor"]["id"]), (&json!("error"), &json!("hullmark/file")));
        assert_eq!((&plugin["level"], &plugin["descriptor"]["id"]), (&json!("warning"), &json!("hullmark/plugin")));
        assert_eq!(plugin.get("locations"), None);

        outcome.notifications.remove(0);
        assert_eq!(run(&outcome)["invocations"][0]["executionSuccessful"], json!(true));
    }

    #[test]
    fn columns_count_utf16_after_any_line_end() {
        let at = |bytes: &[u8], token| finding("image/root", place_of(&source("x", bytes), token, 0), "x");
        let found = regions(vec![at("\u{feff}a: \u{1f433} root\r\n".as_bytes(), "root")]);
        assert_eq!(found, [[1, 7, 1, 11]]);
        assert_eq!(regions(vec![at(b"a\xff\xfe\rb root", "root")]), [[2, 3, 2, 7]]);
    }

    #[test]
    fn two_findings_of_a_rule_at_one_place_are_one_result() {
        let docker = source("Dockerfile", DOCKERFILE);
        let at = |rule: &str, token| finding(rule, place_of(&docker, token, 0), "x");
        let findings = vec![
            at("image/root", "USER"),
            at("image/root", "USER root"),
            at("image/silent", "USER"),
            at("image/root", "root"),
        ];
        assert_eq!(regions(findings), [[4, 1, 4, 5], [4, 1, 4, 5], [4, 6, 4, 10]]);
    }

    #[test]
    fn of_too_many_findings_the_most_severe_stay_and_the_report_says_what_was_left_out() {
        let file = source("Dockerfile", "x\n".repeat(6000).as_bytes());
        let at = |rule: &str, level, line| Finding { level, ..finding(rule, place_of(&file, "x", line), "m") };
        let mut findings: Vec<_> = (0..5100).map(|line| at("image/latest-tag", Level::Note, line)).collect();
        findings.push(at("image/latest-tag", Level::Error, 5100));
        findings.push(at("image/root", Level::Note, 5101));
        let mut many = outcome(findings);
        let told = left_out(&many, false).unwrap();
        assert_eq!(told.level, Level::Warning, "the run is complete");
        assert!(told.message.ends_with("GitHub keeps; left out are 102 notes"), "{}", told.message);
        many.notifications.push(told);
        let run = run(&many);
        let lines: Vec<_> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap())
            .collect();
        assert_eq!((lines.len(), lines[0], lines[4997..].to_vec()), (5000, 1, vec![4998, 5101, 5102]));
        assert_eq!(run["invocations"][0]["executionSuccessful"], json!(true));
        assert_eq!(left_out(&full(), true), None);
    }

    #[test]
    fn what_is_suppressed_takes_no_room_of_what_is_reported() {
        let file = source("Dockerfile", "x\n".repeat(6000).as_bytes());
        let at = |level, line| Finding { level, ..finding("image/root", place_of(&file, "x", line), "m") };
        let mut many = outcome((0..4990).map(|line| at(Level::Note, line)).collect());
        many.baselined = (4990..5500).map(|line| at(Level::Error, line)).collect();
        let context = Context { sarif_suppressed: true, ..Context::default() };
        let report: Value = serde_json::from_str(&written(Format::Sarif, &many, &context)).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        let suppressed = results.iter().filter(|result| result["suppressions"] != json!([])).count();
        assert_eq!((results.len(), suppressed), (5000, 10));
        let told = left_out(&many, true).unwrap();
        assert!(told.message.ends_with("left out are 500 suppressed findings"), "{}", told.message);
        assert_eq!(left_out(&many, false), None);
    }

    #[test]
    fn a_category_is_written_as_github_splits_it_and_only_when_given() {
        for (category, id) in [("pull", "pull/"), ("a/b/", "a/b/")] {
            let context = Context { sarif_category: Some(category), ..Context::default() };
            let report: Value = serde_json::from_str(&written(Format::Sarif, &full(), &context)).unwrap();
            assert_eq!(report["runs"][0]["automationDetails"], json!({"id": id}));
        }
    }

    #[test]
    fn many_sources_each_have_their_hashes() {
        let sources = ["a", "b"].map(|path| source(path, format!("{path}\nroot\n").as_bytes()));
        let findings = sources.iter().map(|source| finding("image/root", place_of(source, "root", 0), "x"));
        let run = run(&outcome(findings.collect()));
        let hashes =
            [0, 1].map(|index| run["results"][index]["partialFingerprints"]["primaryLocationLineHash"].clone());
        assert_eq!(hashes[0], hashes[1]);
        assert_eq!(hashes[0], line_hashes(b"root\n")[0].to_string());
    }
}
