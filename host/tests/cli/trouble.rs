//! Trouble from outside while files are fixed and reports are written: a tree that takes no files, a full disk, other programs,
//! an interruption, a reader that has gone. Nothing is lost, and what could not be done is told.

use std::env;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::repo::{GOOD, Repo, Run};

const OLD: &str = "FROM alpine:3.22\nMAINTAINER Ada\nCMD [\"sh\"]\n";
const NEW: &str = "FROM alpine:3.22\nLABEL org.opencontainers.image.authors=\"Ada\"\nCMD [\"sh\"]\n";
const FIX: &str = "check --select dockerfile/maintainer --fail-on note --format json --fix";
/// Somebody who owns nothing.
const NOBODY: u32 = 65534;

/// Messages of a JSON report's notifications.
fn told(run: &Run) -> Vec<String> {
    let report = run.json();
    let notifications = report["notifications"].as_array().unwrap();
    notifications.iter().map(|told| told["message"].as_str().unwrap().to_owned()).collect()
}

/// Paths of a JSON report's findings, or of its fixes.
fn paths(run: &Run, list: &str) -> Vec<String> {
    let report = run.json();
    report[list].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap().to_owned()).collect()
}

/// Names in a folder, in order: nothing else may be left there.
fn names(repo: &Repo, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repo.path(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs the program in a shell that does something before it.
fn run_after(repo: &Repo, before: &str, arguments: &str) -> Run {
    let program = repo.program();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before} exec \"$0\" {arguments}")]).arg(program.get_program());
    command.current_dir(repo.path("")).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Run::of(command.output().unwrap())
}

/// Puts a program on the PATH that stands in for ShellCheck: it runs after files were read and before they are written.
fn with_shellcheck(repo: &Repo, script: &str) -> String {
    let write = "mkdir -p bin && printf '#!/bin/sh\\ncat > /dev/null\\n%s\\necho \"{\\\"comments\\\":[]}\"\\n' \"$0\" > bin/shellcheck && chmod +x bin/shellcheck";
    assert!(Command::new("sh").args(["-c", write, script]).current_dir(repo.path("")).status().unwrap().success());
    format!("{}:{}", repo.path("bin").display(), env::var("PATH").unwrap_or_default())
}

#[test]
fn a_tree_that_takes_no_files_is_checked_and_not_fixed() {
    let repo = Repo::new(&[("closed/Dockerfile", OLD), ("open/Dockerfile", OLD)]);
    let mut command = repo.program();
    // Permissions hold nothing back from root, so somebody else runs a copy of the program.
    let is_root = fs::metadata(repo.path("")).unwrap().uid() == 0;
    if is_root {
        fs::copy(command.get_program(), repo.path("hullmark")).unwrap();
        command = Command::new(repo.path("hullmark"));
        command.uid(NOBODY).gid(NOBODY).env_clear().current_dir(repo.path(""));
    }
    for (path, mode) in
        [("", 0o755), ("closed", 0o555), ("open", 0o777), ("closed/Dockerfile", 0o666), ("open/Dockerfile", 0o666)]
    {
        fs::set_permissions(repo.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    let run = Run::of(command.args(FIX.split(' ')).output().unwrap());
    fs::set_permissions(repo.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!((run.code, told(&run)), (3, vec!["the file is not fixed: permission denied".to_owned()]), "{run:?}");
    assert_eq!(
        (paths(&run, "findings"), paths(&run, "fixed")),
        (vec!["closed/Dockerfile".to_owned()], vec!["open/Dockerfile".to_owned()])
    );
    assert_eq!((repo.read("closed/Dockerfile").as_str(), repo.read("open/Dockerfile").as_str()), (OLD, NEW));
    assert_eq!(names(&repo, "closed"), ["Dockerfile"]);
}

#[test]
fn a_fixed_file_keeps_its_owner_and_its_mode() {
    let repo = Repo::new(&[("Dockerfile", OLD)]);
    let path = repo.path("Dockerfile");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give files away.
    let _ = std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY));
    let of = |metadata: fs::Metadata| (metadata.uid(), metadata.gid(), metadata.mode());
    let before = of(fs::metadata(&path).unwrap());
    assert_eq!(repo.run(FIX).code, 0);
    assert_eq!((of(fs::metadata(&path).unwrap()), repo.read("Dockerfile").as_str()), (before, NEW));
}

#[test]
fn a_disk_that_is_full_leaves_the_file_that_was_there() {
    let large = format!("{OLD}{}", "# a line that makes the file longer than the disk takes\n".repeat(200));
    let repo = Repo::new(&[("large/Dockerfile", &large), ("small/Dockerfile", OLD)]);
    // The shell counts in blocks of 512 or of 1024 bytes.
    let run = run_after(&repo, "trap '' XFSZ; ulimit -f 4;", FIX);
    assert_eq!((run.code, told(&run)), (3, vec!["the file is not fixed: file too large".to_owned()]), "{run:?}");
    assert_eq!(
        (paths(&run, "findings"), paths(&run, "fixed")),
        (vec!["large/Dockerfile".to_owned()], vec!["small/Dockerfile".to_owned()])
    );
    assert_eq!((repo.read("large/Dockerfile"), repo.read("small/Dockerfile").as_str()), (large, NEW));
    assert_eq!(names(&repo, "large"), ["Dockerfile"]);
}

#[test]
fn a_report_that_does_not_fit_leaves_the_one_that_was_there() {
    let text: String = (0..200).map(|number| format!("FROM node:latest AS stage{number}\n")).collect();
    let repo = Repo::new(&[("Dockerfile", &text), ("reports/a.sarif", "old")]);
    let output = "check --select image/latest-tag --quiet --output sarif=reports/a.sarif --output json=b.json";
    let run = run_after(&repo, "trap '' XFSZ; ulimit -f 4;", output);
    assert_eq!(run.code, 3, "{run:?}");
    for path in ["reports/a.sarif", "b.json"] {
        assert!(run.err.contains(&format!("`{path}` cannot be written: file too large\n")), "{run:?}");
    }
    assert!(run.out.contains("stage199"), "what can be reported is: {run:?}");
    assert_eq!((repo.read("reports/a.sarif").as_str(), names(&repo, "reports")), ("old", vec!["a.sarif".to_owned()]));
    assert!(!repo.path("b.json").exists());
}

#[test]
fn a_patch_is_no_place_for_what_could_not_be_read_so_it_is_told_beside_it() {
    let repo = Repo::new(&[("Dockerfile", OLD)]);
    std::os::unix::fs::symlink("nowhere", repo.path("broken.yaml")).unwrap();
    let run = repo.run(&FIX.replace("--fix", "--diff"));
    assert_eq!(run.code, 3);
    assert!(run.out.starts_with("--- a/Dockerfile\n") && run.err.contains("broken.yaml"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_finds_no_room_is_told_and_fixes_stay() {
    let repo = Repo::new(&[("Dockerfile", OLD)]);
    for arguments in [FIX.replace("--fix", "--diff"), FIX.to_owned(), "rules".to_owned()] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = Run::of(repo.program().args(arguments.split(' ')).stdout(full).output().unwrap());
        assert_eq!(run.code, 3, "{arguments}: {run:?}");
        assert!(run.words().contains("the report cannot be written: No space left on device"), "{arguments}: {run:?}");
    }
    assert_eq!(repo.read("Dockerfile"), NEW);
}

#[test]
fn a_file_that_changes_meanwhile_keeps_what_was_written() {
    for (change, now) in [
        ("echo FROM scratch > a/Dockerfile", Some("FROM scratch\n")),
        ("rm -f a/Dockerfile", None),
        ("rm -f a/Dockerfile; mkfifo a/Dockerfile", None),
    ] {
        let text = OLD.replace("CMD", "RUN true\nCMD");
        let repo = Repo::new(&[("a/Dockerfile", &text), ("b/Dockerfile", OLD)]);
        let path = with_shellcheck(&repo, change);
        let run = repo.run_with(&[("PATH", &path)], &format!("{FIX} --shellcheck"));
        assert_eq!(run.code, 3, "{change}: {run:?}");
        let told = told(&run);
        assert!(told.len() == 1 && told[0].starts_with("the file is not fixed: "), "{change}: {told:?}");
        assert_eq!(paths(&run, "fixed"), ["b/Dockerfile"], "{change}");
        assert_eq!(repo.read("b/Dockerfile"), NEW);
        if let Some(now) = now {
            assert_eq!(
                (told[0].as_str(), repo.read("a/Dockerfile").as_str()),
                ("the file is not fixed: it has changed since it was read; run again", now)
            );
        }
    }
}

#[test]
fn an_interruption_leaves_each_file_old_or_new() {
    const FILES: usize = 300;
    for signal in ["INT", "TERM", "KILL"] {
        let repo = Repo::new(&[]);
        let paths_of_files: Vec<String> = (0..FILES).map(|number| format!("{number:03}/Dockerfile")).collect();
        for path in &paths_of_files {
            repo.write(path, OLD);
        }
        let mut child =
            repo.program().args(FIX.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The first file is written first; the others are not all written when the signal comes.
        while repo.read(&paths_of_files[0]) == OLD && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ =
            Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).stderr(Stdio::null()).status();
        let output = child.wait_with_output().unwrap();

        let texts: Vec<String> = paths_of_files.iter().map(|path| repo.read(path)).collect();
        assert!(texts.iter().all(|text| text == OLD || text == NEW), "{signal}");
        assert_eq!(texts[0], NEW, "{signal}");
        if output.status.code().is_none() {
            let all_written = texts.iter().all(|text| text == NEW);
            assert!(signal == "KILL" || all_written, "{signal}: whatever can be held back ends in a report");
            continue;
        }
        let run = Run::of(output);
        let are = |text: &str| -> Vec<String> {
            paths_of_files.iter().zip(&texts).filter(|(_, now)| *now == text).map(|(path, _)| path.clone()).collect()
        };
        let (left, done) = (are(OLD), are(NEW));
        assert_eq!((paths(&run, "findings"), paths(&run, "fixed")), (left.clone(), done), "{signal}");
        assert_eq!(run.code, if left.is_empty() { 0 } else { 3 }, "{signal}");
        assert_eq!(told(&run), vec!["the file is not fixed: the run was interrupted"; left.len()], "{signal}");
        assert!(paths_of_files.iter().all(|path| names(&repo, &path[..3]) == ["Dockerfile"]), "{signal}");
    }
}

#[test]
fn whoever_closes_the_pipe_on_a_patch_hears_no_complaint() {
    let text = format!("{OLD}{}", "RUN true\n".repeat(20));
    let repo = Repo::new(&[]);
    for number in 0..400 {
        repo.write(&format!("{number}/Dockerfile"), &text);
    }
    let arguments = FIX.replace("--fix", "--diff");
    let mut child =
        repo.program().args(arguments.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), ""));
}

#[test]
fn a_report_does_not_go_to_a_folder_and_the_check_is_not_run() {
    let repo = Repo::new(&[("Dockerfile", GOOD), ("reports/a", "")]);
    let run = repo.run("check --output sarif=reports");
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.words().contains("`reports` cannot be written: it is a folder"), "{run:?}");
    assert_eq!(names(&repo, "reports"), ["a"]);
}
