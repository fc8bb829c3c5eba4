//! One run of the program: a script in, comments out.

use std::io::{ErrorKind, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::ShellCheck;
use super::input::Input;

/// What never is worth saying here: other files are not there to be read, and ash is known.
const EXCLUDED: [&str; 3] = ["SC1090", "SC1091", "SC2187"];
/// Longest part of an error text that is passed on, in characters.
const MAX_ERROR: usize = 200;

/// Something that ShellCheck says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    pub(super) level: String,
    pub(super) code: u32,
    pub(super) message: String,
}

/// The format `json1`.
#[derive(Deserialize)]
struct Report {
    comments: Vec<Comment>,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("ShellCheck cannot be run: {0}")]
    Missing(String),
    #[error("ShellCheck took more than {} s", .0.as_secs())]
    Late(Duration),
    #[error("ShellCheck failed ({0})")]
    Broken(String),
}

impl Failure {
    /// Whether it is of no use to try other scripts.
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Late(_))
    }
}

/// Has one script checked.
pub(super) fn ask(shellcheck: &ShellCheck, input: &Input) -> Result<Vec<Comment>, Failure> {
    let excluded: Vec<&str> = EXCLUDED.into_iter().chain(shellcheck.excluded.iter().map(String::as_str)).collect();
    let mut command = Command::new(&shellcheck.program);
    command.args(["--norc", "--format=json1", "--shell", input.dialect, "--exclude", &excluded.join(","), "-"]);
    // What is found must not hang on who runs it.
    command.env_remove("SHELLCHECK_OPTS").env("LC_ALL", "C.UTF-8");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure::Missing(reason(&error)))?;
    let answered = converse(&mut child, input.text.clone());
    let Ok((out, err)) = answered.recv_timeout(shellcheck.patience) else {
        // It may have ended on its own just now.
        let _ = child.kill();
        let _ = child.wait();
        return Err(Failure::Late(shellcheck.patience));
    };
    let status = child.wait().map_err(|error| Failure::Broken(error.to_string()))?;
    // 1 means that there are comments; anything above that it did not do its work.
    let report = serde_json::from_slice::<Report>(&out).ok().filter(|_| matches!(status.code(), Some(0 | 1)));
    report.map(|report| report.comments).ok_or_else(|| {
        let err = String::from_utf8_lossy(&err);
        let said = err.lines().find(|line| !line.trim().is_empty()).unwrap_or("its answer is not understood");
        Failure::Broken(format!("{status}: {}", said.trim().chars().take(MAX_ERROR).collect::<String>()))
    })
}

/// Writes the text to a child and reads all that it says. In threads that nobody waits for: where the child is killed,
/// what it has started may keep its pipes open.
fn converse(child: &mut Child, text: String) -> mpsc::Receiver<(Vec<u8>, Vec<u8>)> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    if let Some(mut stdin) = stdin {
        // Whoever does not read all of it says by its answer why.
        thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    }
    let (sender, receiver) = mpsc::channel();
    let err = thread::spawn(move || {
        let mut err = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut err);
        }
        err
    });
    thread::spawn(move || {
        let mut out = Vec::new();
        if let Some(mut stdout) = stdout {
            let _ = stdout.read_to_end(&mut out);
        }
        // Nobody listens any more where it came too late.
        let _ = sender.send((out, err.join().unwrap_or_default()));
    });
    receiver
}

/// Why a program cannot be started, without the system's number for it.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such program on the PATH".to_owned(),
        ErrorKind::PermissionDenied => "it may not be executed".to_owned(),
        _ => error.to_string(),
    }
}
