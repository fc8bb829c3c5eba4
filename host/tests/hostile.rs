//! Plugins that do what they should not: each fails with a message that says what happened, and takes nothing with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hullmark::document::{Document, Project, Source, Span, parse_dockerfile};
use hullmark::finding::Notification;
use hullmark::plugin::{Checked, Limits, PluginError, Registry, Worker};
use support::{FindingSpec, Guest};
use tempfile::TempDir;

const TEXT: &str = "FROM caf\u{e9}\nRUN x\n";

fn document() -> Arc<Document> {
    parse(TEXT)
}

fn parse(text: &str) -> Arc<Document> {
    let parsed = parse_dockerfile(&Arc::new(Source::new("Dockerfile", text.into())));
    Arc::new(parsed.documents.into_iter().next().unwrap())
}

/// A folder with these files as plugins, loaded.
fn load_files(files: &[(&str, Vec<u8>)], limits: Limits) -> (Registry, Vec<Notification>, TempDir) {
    let folder = TempDir::new().unwrap();
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        paths.push(path);
    }
    let (registry, notifications) = Registry::load(false, &paths, limits);
    (registry, notifications, folder)
}

fn load(guest: &Guest) -> Registry {
    let (registry, notifications, _folder) = load_files(&[("guest.wasm", guest.component())], Limits::default());
    assert_eq!(notifications, []);
    registry
}

/// What loading says of a file that does not load.
fn refusal(bytes: Vec<u8>) -> String {
    let (registry, notifications, _folder) = load_files(&[("bad.wasm", bytes)], Limits::default());
    assert!(registry.plugins().is_empty());
    let [notification] = notifications.as_slice() else { panic!("{notifications:?}") };
    assert!(notification.path.as_deref().unwrap().ends_with("bad.wasm"));
    notification.message.clone()
}

fn check(guest: &Guest) -> Checked {
    let registry = load(guest);
    Worker::new(&registry, false).check(0, &document(), &[0], "{}")
}

fn only_error(guest: &Guest) -> PluginError {
    let checked = check(guest);
    assert!(checked.findings.is_empty());
    let [error] = checked.errors.as_slice() else { panic!("{:?}", checked.errors) };
    error.clone()
}

#[test]
fn a_harmless_plugin_finds_what_it_finds() {
    let checked = check(&Guest::new("good").finding(FindingSpec::new("some-rule", "a `message`", 5, 10)));
    assert_eq!(checked.errors, []);
    assert_eq!(checked.findings[0].message, "a `message`");
    assert_eq!(checked.findings[0].span, Span::new(5, 10));
}

#[test]
fn a_loop_without_end_uses_up_its_fuel() {
    let error = only_error(&Guest::new("loops").check("(loop $again (br $again))"));
    assert!(matches!(error, PluginError::FuelExhausted { fuel: 1_000_000_000.. }));
    assert!(error.is_exhausted());
}

#[test]
fn memory_without_end_is_refused_with_the_limit() {
    let grow = "(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let error = only_error(&Guest::new("grows").check(grow));
    assert_eq!(error.to_string(), "the plugin needs more than 64 MiB of memory");
    assert!(error.is_exhausted());
}

#[test]
fn recursion_without_end_uses_up_the_stack() {
    let deep = "(func $deep (param i32) (result i32)
        (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))";
    let error = only_error(&Guest::new("dives").items(deep).check("(drop (call $deep (i32.const 0)))"));
    assert_eq!(error, PluginError::StackExhausted { kibibytes: 1024 });
}

#[test]
fn a_panic_is_told_with_the_message_that_was_logged() {
    let say = r#"(data (i32.const 100) "error") (data (i32.const 110) "no \1b[31mstage")"#;
    let call = "(call $log (i32.const 100) (i32.const 5) (i32.const 110) (i32.const 13)) unreachable";
    let error = only_error(&Guest::new("panics").items(say).check(call));
    assert_eq!(error.to_string(), "the plugin failed: no stage");
    assert!(!error.is_exhausted());
    let silent = only_error(&Guest::new("panics").check("unreachable"));
    assert_eq!(silent.to_string(), "the plugin failed: it stopped itself without a message");
}

#[test]
fn a_host_function_called_without_end_uses_up_what_the_host_does() {
    let text = "(loop $again (call $text (local.get $document) (i32.const 96))
        (global.set $next (i32.const 65536)) (br $again))";
    let error = only_error(&Guest::new("asks").check(text));
    assert!(error.is_exhausted(), "{error}");
}

#[test]
fn a_bad_place_costs_its_own_finding_only() {
    let mut elsewhere = FindingSpec::new("some-rule", "elsewhere", 0, 1);
    elsewhere.document = 7;
    let checked = check(
        &Guest::new("points")
            .finding(FindingSpec::new("some-rule", "beyond the end", 0, 1_000))
            .finding(FindingSpec::new("some-rule", "backwards", 5, 4))
            .finding(FindingSpec::new("some-rule", "half a character", 8, 9))
            .finding(elsewhere)
            .finding(FindingSpec::new("some-rule", "nothing to see", 5, 5))
            .finding(FindingSpec::new("some-rule", "good", 5, 10)),
    );
    let kept: Vec<_> = checked.findings.iter().map(|finding| (finding.message.as_str(), finding.span)).collect();
    assert_eq!(kept, [("nothing to see", Span::new(5, 6)), ("good", Span::new(5, 10))]);
    let errors: Vec<_> = checked.errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "the rule `some-rule` points to bytes 0..1000, which lie beyond the end of the text",
            "the rule `some-rule` points to bytes 5..4, which end before they begin",
            "the rule `some-rule` points to bytes 8..9, which cut a character in two",
            "the rule `some-rule` points to document 7, which does not exist",
        ]
    );
}

#[test]
fn rules_must_be_declared_and_asked_for() {
    let mut guest = Guest::new("talks")
        .finding(FindingSpec::new("unheard-of", "x", 0, 1))
        .finding(FindingSpec::new("other-rule", "x", 0, 1))
        .finding(FindingSpec::new("some-rule", "good", 0, 1));
    guest.rules.push("other-rule".to_owned());
    let checked = check(&guest);
    assert_eq!(checked.findings.len(), 1);
    assert_eq!(
        checked.errors,
        [PluginError::Undeclared("unheard-of".to_owned()), PluginError::NotEnabled("other-rule".to_owned())]
    );
}

#[test]
fn a_fix_that_cannot_be_applied_is_left_out_and_its_finding_kept() {
    let mut good = FindingSpec::new("some-rule", "good", 0, 4);
    good.edits = vec![(0, 4, "from".to_owned()), (4, 4, "\t\u{1b}[1m--platform=x\n".to_owned())];
    let mut bad = good.clone();
    bad.edits.push((2, 6, String::new()));
    let checked = check(&Guest::new("mends").finding(good).finding(bad));
    assert_eq!(checked.findings.len(), 2);
    assert_eq!(checked.findings[0].fixes[0].edits[1].text, "\t--platform=x\n");
    assert!(checked.findings[0].fixes[0].safe);
    assert!(checked.findings[1].fixes.is_empty());
    assert_eq!(checked.errors[0].to_string(), "a fix of the rule `some-rule` is left out: its edits overlap");
}

/// Copies the first finding so often that there are `count` of them.
fn multiplied(count: u32) -> Guest {
    let copy = format!(
        "(local $at i32) (local $left i32)
        (local.set $at (call $allocate (i32.const 0) (i32.const 0) (i32.const 4) (i32.const {size})))
        (i32.store offset=4 (global.get $result) (local.get $at))
        (i32.store offset=8 (global.get $result) (i32.const {count}))
        (local.set $left (i32.const {count}))
        (loop $again
          (memory.copy (local.get $at) (global.get $findings) (i32.const 64))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))",
        size = count * 64
    );
    Guest::new("floods").finding(FindingSpec::new("some-rule", "again", 0, 4)).check(&copy)
}

#[test]
fn too_many_findings_are_cut_and_that_is_told() {
    let checked = check(&multiplied(10_001));
    assert_eq!(checked.findings.len(), 10_000);
    assert_eq!(checked.errors, [PluginError::TooManyFindings { count: 10_001, limit: 10_000 }]);
    assert_eq!(check(&multiplied(10_000)).errors, []);
}

#[test]
fn a_flood_of_findings_is_not_even_taken() {
    assert_eq!(only_error(&multiplied(900_000)), PluginError::TooMuchReturned { mebibytes: 8 });
}

#[test]
fn a_list_beyond_the_end_of_memory_is_a_failure() {
    let guest = Guest::new("lies").check("(i32.store offset=8 (global.get $result) (i32.const 10000000))");
    assert!(matches!(only_error(&guest), PluginError::Trap { .. } | PluginError::TooMuchReturned { .. }));
}

#[test]
fn escape_sequences_do_not_reach_a_message() {
    let message = "a \u{1b}[31mred\u{1b}[0m\r\n\u{1b}]8;;http://x\u{7}link\u{202e}";
    let checked = check(&Guest::new("paints").finding(FindingSpec::new("some-rule", message, 0, 4)));
    assert_eq!(checked.findings[0].message, "a red  link");
}

#[test]
fn a_plugin_fails_alone_and_works_again_at_the_next_document() {
    let good = Guest::new("good").finding(FindingSpec::new("some-rule", "good", 0, 4));
    // Fails at every document whose text is not empty.
    let picky = "(call $text (local.get $document) (i32.const 96))
        (if (i32.load (i32.const 100)) (then unreachable))";
    let picky = Guest::new("picky").check(picky).finding(FindingSpec::new("some-rule", "empty", 0, 0));
    let files = [("good.wasm", good.component()), ("picky.wasm", picky.component())];
    let (registry, notifications, _folder) = load_files(&files, Limits::default());
    assert_eq!(notifications, []);
    let mut worker = Worker::new(&registry, false);
    let empty = parse("");
    assert!(matches!(worker.check(1, &document(), &[0], "{}").errors[..], [PluginError::Trap { .. }]));
    assert_eq!(worker.check(0, &document(), &[0], "{}").findings.len(), 1);
    assert_eq!(worker.check(1, &empty, &[0], "{}").findings.len(), 1);
}

#[test]
fn nothing_is_carried_from_one_document_to_the_next() {
    let count = "(if (global.get $seen) (then unreachable)) (global.set $seen (i32.const 1))";
    let registry = load(&Guest::new("remembers").items("(global $seen (mut i32) (i32.const 0))").check(count));
    let mut worker = Worker::new(&registry, false);
    assert_eq!(worker.check(0, &document(), &[0], "{}").errors, []);
    assert_eq!(worker.check(0, &document(), &[0], "{}").errors, []);
}

#[test]
fn a_project_rule_points_into_any_document_of_the_project() {
    let mut second = FindingSpec::new("some-rule", "second", 5, 10);
    second.document = 1;
    let mut third = second.clone();
    third.document = 2;
    let registry = load(&Guest::new("relates").finding(second).finding(third));
    let project = Arc::new(Project::new(vec![document(), document()]));
    let checked = Worker::new(&registry, false).check_project(0, &project, &[0], "{}");
    assert_eq!(checked.findings.len(), 1);
    assert!(Arc::ptr_eq(&checked.findings[0].document, &project.documents()[1]));
    assert_eq!(checked.errors, [PluginError::UnknownDocument { rule: "some-rule".to_owned(), document: 2 }]);
}

#[test]
fn a_core_module_is_as_good_as_a_component() {
    let (registry, notifications, _folder) =
        load_files(&[("module.wasm", Guest::new("core").module())], Limits::default());
    assert_eq!(notifications, []);
    assert_eq!(registry.plugins()[0].info().rules[0].id, "core/some-rule");
}

#[test]
fn what_is_no_plugin_says_what_it_is() {
    assert!(refusal(b"#!/bin/sh".to_vec()).contains("no WebAssembly"));
    assert!(refusal(wat::parse_str("(module)").unwrap()).contains("no policy plugin"));
    assert!(refusal(b"\0asm\x0d\0\x01\0garbage".to_vec()).starts_with("the plugin does not load: "));
    assert!(refusal(wat::parse_str("(component)").unwrap()).contains("does not export `hullmark:policy/plugin@0.1.0`"));
}

#[test]
fn what_merely_looks_like_a_plugin_is_refused() {
    assert!(refusal(Vec::new()).contains("no WebAssembly"));
    assert!(refusal(b"\x7fELF\x02\x01\x01\0".to_vec()).contains("no WebAssembly"));
    assert!(refusal(b"\0asm\x02\0\0\0".to_vec()).contains("no WebAssembly"), "a version that nobody knows");
    let elsewhere = r#"(component (instance $i) (export "acme:tools/run@1.0.0" (instance $i)))"#;
    assert!(refusal(wat::parse_str(elsewhere).unwrap()).contains("no policy plugin"));
    let hollow = r#"(component (instance $i) (export "hullmark:policy/plugin@0.1.0" (instance $i)))"#;
    let message = refusal(wat::parse_str(hollow).unwrap());
    assert!(message.contains("do not fit") && message.contains("describe"), "{message}");
    let typed = r#"(component (type (component)) (export "hullmark:policy/plugin@0.1.0" (type 0)))"#;
    assert!(refusal(wat::parse_str(typed).unwrap()).starts_with("the plugin does not load: "));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    for path in ["/dev/zero", "/"] {
        let (registry, notifications) = Registry::load(false, &[path.into()], Limits::default());
        assert!(registry.plugins().is_empty());
        assert_eq!(notifications[0].message, "the plugin does not load: it is no file", "{path}");
    }
}

#[test]
fn a_component_cut_short_or_with_turned_bits_loads_or_does_not_and_harms_nobody() {
    let whole = Guest::new("good").finding(FindingSpec::new("some-rule", "good", 0, 4)).component();
    let cut = (0..whole.len()).step_by(whole.len() / 40 + 1).map(|length| whole[..length].to_vec());
    let turned = (8..whole.len()).step_by(whole.len() / 80 + 1).map(|at| {
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        bad
    });
    let files: Vec<_> =
        cut.chain(turned).enumerate().map(|(number, bytes)| (format!("{number}.wasm"), bytes)).collect();
    let files: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let (registry, notifications, _folder) = load_files(&files, Limits::default());
    assert_eq!(registry.plugins().len() + notifications.len(), files.len());
    assert!(notifications.len() > 40, "what is cut short does not load");
    let mut worker = Worker::new(&registry, false);
    for index in 0..registry.plugins().len() {
        let Checked { findings, errors } = worker.check(index, &document(), &[0], "{}");
        assert!(findings.len() <= 1 && errors.len() <= 1, "{findings:?} {errors:?}");
    }
}

#[test]
fn an_import_that_nobody_offers_is_named_with_both_versions() {
    let asks = |version: &str, advice: &str| {
        let world = format!(
            r#"(component
              (import "hullmark:policy/host@{version}" (instance (export "read-file" (func (param "path" string)))))
              (instance $i) (export "hullmark:policy/plugin@{version}" (instance $i)))"#
        );
        let message = refusal(wat::parse_str(world).unwrap());
        let begin = format!(
            "the plugin does not load: it is built for version {version} of the interface, this program offers version 0.1.0, \
             and the two do not fit ("
        );
        assert!(message.starts_with(&begin) && message.contains("`read-file`"), "{message}");
        assert!(message.ends_with(&format!("); {advice}")), "{message}");
    };
    asks("0.1.0", "rebuild the plugin with a newer SDK");
    asks("0.1.9", "update hullmark");
}

#[test]
fn no_name_in_a_component_reaches_the_terminal_as_it_is() {
    let painted = "(component (import \"url=<http://x/\\1b[31m>\" (func)))";
    let message = refusal(wat::parse_str(painted).unwrap());
    assert!(!message.contains('\u{1b}') && message.starts_with("the plugin does not load: "), "{message:?}");
}

#[test]
fn foreign_imports_are_refused_by_name() {
    let wasi = r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#;
    let message = refusal(wat::parse_str(wasi).unwrap());
    assert!(message.contains("`wasi:cli/environment@0.2.3`") && message.contains("--stub-wasi"), "{message}");
    let preview = r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))))"#;
    let message = refusal(wat::parse_str(preview).unwrap());
    assert!(message.contains("`wasi_snapshot_preview1`") && message.contains("--stub-wasi"), "{message}");
}

#[test]
fn another_version_of_the_interface_says_which_side_to_update() {
    for (version, advice) in [
        ("2.0.0", "update hullmark"),
        ("0.2.0", "update hullmark"),
        ("1.0.0-rc.1", "update hullmark"),
        ("0.0.9", "rebuild the plugin with a newer SDK"),
    ] {
        let mut guest = Guest::new("other");
        guest.version = version.to_owned();
        assert_eq!(
            refusal(guest.component()),
            format!(
                "the plugin does not load: it is built for version {version} of the interface, and this program offers version \
                 0.1.0; {advice}"
            )
        );
    }
}

#[test]
fn a_later_patch_of_the_interface_loads_while_it_asks_for_nothing_new() {
    let mut patch = Guest::new("patch");
    patch.version = "0.1.9".to_owned();
    assert_eq!(check(&patch).errors, []);
}

#[test]
fn a_component_of_100_megabytes_is_refused_before_it_is_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("big.wasm");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"\0asm\x0d\0\x01\0").unwrap();
    // A hole takes no time to make, and would take some to read.
    file.set_len(100_000_000).unwrap();
    let began = Instant::now();
    let (registry, notifications) = Registry::load(false, &[path], Limits::default());
    assert!(registry.plugins().is_empty());
    assert_eq!(
        notifications[0].message,
        "the plugin does not load: it has 96 MiB, and a plugin may have 64 MiB; strip its debug information"
    );
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let limits = Limits { component_size: 1 << 20, ..Limits::default() };
    let (registry, notifications, _folder) = load_files(&[("big.wasm", vec![0; (1 << 20) + 1])], limits);
    assert!(registry.plugins().is_empty());
    assert!(notifications[0].message.contains("2 MiB"), "{}", notifications[0].message);
}

#[test]
fn a_file_that_is_not_there_is_told_and_the_others_load() {
    let folder = TempDir::new().unwrap();
    let good = folder.path().join("good.wasm");
    std::fs::write(&good, Guest::new("good").component()).unwrap();
    let files = [folder.path().join("absent.wasm"), good.clone(), good];
    let (registry, notifications) = Registry::load(false, &files, Limits::default());
    assert_eq!(registry.plugins().len(), 1);
    assert!(notifications[0].message.contains("cannot be read"));
    assert!(notifications[1].message.contains("`good` is loaded already"));
}

#[test]
fn a_plugin_that_never_ends_to_begin_or_to_describe_itself_does_not_load() {
    let endless = "(loop $again (br $again))";
    let begins = Guest::new("begins").items(&format!("(func $begin {endless}) (start $begin)"));
    let mut describes = Guest::new("describes");
    describes.describe = endless.to_owned();
    for guest in [begins, describes] {
        let message = refusal(guest.component());
        assert!(message.contains("used up its budget of 1000000000 units of fuel"), "{message}");
    }
    let mut fails = Guest::new("fails");
    fails.describe = "unreachable".to_owned();
    assert!(refusal(fails.component()).contains("it stopped itself without a message"));
    let recursive = Guest::new("dives").items("(func $begin (call $begin)) (start $begin)");
    // A tail of nothing may be compiled to a loop, which fuel ends.
    let message = refusal(recursive.component());
    assert!(message.contains("stack") || message.contains("fuel"), "{message}");
}

#[test]
fn a_plugin_that_begins_with_too_much_memory_does_not_load() {
    let mut large = Guest::new("large");
    large.pages = 1025;
    assert_eq!(refusal(large.component()), "the plugin does not load: the plugin needs more than 64 MiB of memory");
    large.pages = 65_536;
    assert_eq!(refusal(large.component()), "the plugin does not load: the plugin needs more than 64 MiB of memory");
    let tables = Guest::new("tables").items("(table 1000001 funcref)");
    let message = "the plugin does not load: the plugin needs tables of more than 1000000 elements";
    assert_eq!(refusal(tables.component()), message);
}

#[test]
fn metadata_without_measure_does_not_load() {
    let mut many = Guest::new("many");
    many.rules = (0..1001).map(|number| format!("rule-{number}")).collect();
    many.pages = 8;
    assert!(refusal(many.component()).contains("it declares 1001 rules; declare from 1 to 1000"));
    let mut none = Guest::new("none");
    none.rules.clear();
    assert!(refusal(none.component()).contains("it declares 0 rules"));
    // Nine mebibytes of summary.
    let mut long = Guest::new("long");
    long.pages = 200;
    long.describe = "(i32.store offset=16 (global.get $info) (i32.const 65536))
        (i32.store offset=20 (global.get $info) (i32.const 9437184))"
        .to_owned();
    assert!(refusal(long.component()).contains("returned more than 8 MiB in one call"));
    // A list of rules that would fill all memory of the machine.
    let mut endless = Guest::new("endless");
    endless.describe = "(i32.store offset=44 (global.get $info) (i32.const 0x7fffffff))".to_owned();
    assert!(refusal(endless.component()).starts_with("the plugin does not load: "));
}

#[test]
fn a_name_of_a_built_in_plugin_is_taken() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("image.wasm");
    std::fs::write(&path, Guest::new("image").component()).unwrap();
    let (with, notifications) = Registry::load(true, &[path], Limits::default());
    assert!(notifications[0].message.contains("a plugin of the name `image` is loaded already"));
    let (without, _) = Registry::load(true, &[], Limits::default());
    let names = |registry: &Registry| registry.plugins().iter().map(|it| it.info().name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&with), names(&without));
}

#[test]
fn a_log_without_end_uses_up_what_the_host_does() {
    let call = "(loop $again (call $log (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const 65536)) (br $again))";
    let error = only_error(&Guest::new("logs").check(call));
    assert!(error.is_exhausted(), "{error}");
}

#[test]
fn what_remains_in_memory_is_not_there_at_the_next_document() {
    // Returns its findings at the first call only: the length of the list is overwritten for those that follow.
    let once = "(if (i32.load (i32.const 128)) (then (i32.store offset=8 (global.get $result) (i32.const 0))))
        (i32.store (i32.const 128) (i32.const 1))";
    let guest = Guest::new("remembers").check(once).finding(FindingSpec::new("some-rule", "first", 0, 4));
    let registry = load(&guest);
    let mut worker = Worker::new(&registry, false);
    for _ in 0..3 {
        assert_eq!(worker.check(0, &document(), &[0], "{}").findings.len(), 1);
    }
}

#[test]
fn compiled_code_is_kept_between_runs_and_spoilt_code_is_compiled_again() {
    let folder = TempDir::new().unwrap();
    let (cache, file) = (folder.path().join("cache"), folder.path().join("good.wasm"));
    std::fs::write(&file, Guest::new("good").finding(FindingSpec::new("some-rule", "good", 0, 4)).component()).unwrap();
    let run = || {
        let (registry, notifications) =
            Registry::load_with_cache(false, std::slice::from_ref(&file), Limits::default(), Some(&cache), None);
        assert_eq!(notifications, []);
        assert_eq!(Worker::new(&registry, false).check(0, &document(), &[0], "{}").findings.len(), 1);
    };
    let kept = || -> Vec<PathBuf> { std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).collect() };
    run();
    let [code] = kept().try_into().unwrap();
    let written = std::fs::metadata(&code).unwrap().modified().unwrap();
    run();
    assert_eq!(std::fs::metadata(&code).unwrap().modified().unwrap(), written);
    std::fs::write(&code, b"spoilt").unwrap();
    run();
    assert_eq!(kept(), std::slice::from_ref(&code));
    assert_ne!(std::fs::read(&code).unwrap(), b"spoilt");
}

#[test]
fn metadata_is_held_to_the_interface() {
    let mut shouting = Guest::new("good");
    shouting.rules = vec!["Latest_Tag".to_owned()];
    assert!(refusal(shouting.component()).contains("kebab case"));
    let mut twice = Guest::new("good");
    twice.rules.push("some-rule".to_owned());
    assert!(refusal(twice.component()).contains("twice"));
    assert!(refusal(Guest::new("syntax").component()).contains("rules of the program itself"));
}

#[test]
fn the_built_in_plugins_load() {
    let (registry, notifications) = Registry::load(true, &[], Limits::default());
    assert_eq!(notifications, []);
    assert!(!registry.plugins().is_empty());
}
