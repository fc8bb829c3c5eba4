//! What a person sees of the example repository: the whole report in text, down to the byte.

use std::fs;
use std::path::Path;
use std::process::Command;

const MEND: &str = "BLESS=1 cargo test --test techcommerce";

#[test]
fn the_report_on_the_example_repository_is_the_committed_one() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = top.join("fixtures/techcommerce.report.txt");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hullmark"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HULLMARK_")) {
        command.env_remove(name);
    }
    let arguments = ["check", "fixtures/techcommerce", "--root", "fixtures/techcommerce", "--color", "never"];
    let done = command.args(arguments).arg("--no-config").current_dir(top).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    assert_eq!(done.status.code(), Some(1), "it has planted faults");
    let report = String::from_utf8(done.stdout).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&committed, report).unwrap();
        return;
    }
    let want = fs::read_to_string(&committed).unwrap_or_default();
    let same = want.lines().zip(report.lines()).take_while(|(one, other)| one == other).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
    assert!(
        want == report,
        "fixtures/techcommerce.report.txt differs from line {} on:\n  committed: {}\n  now:       {}\nrun `{MEND}` and read the difference",
        same + 1,
        line(&want),
        line(&report),
    );
}
