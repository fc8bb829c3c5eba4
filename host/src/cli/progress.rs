//! What people see who wait: on a terminal only, and only where it is worth looking at.

use std::cell::RefCell;
use std::env;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::plugin::Compilation;

/// What takes less than this is not told.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether anybody looks: on a terminal, but not under pre-commit, which gives hooks a terminal of its own, and not in CI.
fn is_shown(is_terminal: bool, quiet: bool) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    is_terminal && !quiet && !is_set("PRE_COMMIT") && !is_set("CI")
}

/// How far a run is, as far as anybody wants to know.
pub(super) struct Progress {
    shown: bool,
    began: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Begins now.
    pub(super) fn new(is_terminal: bool, quiet: bool) -> Self {
        Self { shown: is_shown(is_terminal, quiet), began: Instant::now(), bar: OnceLock::new() }
    }

    /// So many files of so many are checked.
    pub(super) fn at(&self, done: usize, all: usize) {
        if !self.shown || self.began.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(Some(all as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:40} {pos} of {len} files");
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        bar.set_position(done as u64);
    }

    /// Takes the bar away, before anything else is written.
    pub(super) fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

/// Says what is waited for while plugins are compiled.
pub(super) struct Compiling {
    shown: bool,
    /// Why no folder is named to keep code in.
    nowhere: Option<&'static str>,
    line: RefCell<Option<Line>>,
}

impl Compiling {
    pub(super) fn new(is_terminal: bool, quiet: bool, nowhere: Option<&'static str>) -> Self {
        Self { shown: is_shown(is_terminal, quiet), nowhere, line: RefCell::new(None) }
    }

    /// Begins to wait for a compilation, or ends to.
    pub(super) fn hear(&self, told: Option<&Compilation<'_>>) {
        let line = told.filter(|_| self.shown).map(|told| Line::new(self.text(told)));
        // The line before goes first.
        drop(self.line.take());
        *self.line.borrow_mut() = line;
    }

    fn text(&self, Compilation { path, size, unkept }: &Compilation<'_>) -> String {
        let name = path.file_name().map_or_else(|| path.display(), |name| Path::new(name).display());
        let again = unkept.as_ref().map_or("this happens once".to_owned(), |reason| {
            format!("each run does this: {}", self.nowhere.unwrap_or(reason))
        });
        format!("compiling the plugin {name} ({}); {again}", megabytes(*size))
    }
}

/// A size as people say it: in whole megabytes, the least of which is one.
fn megabytes(bytes: usize) -> String {
    format!("{} MB", ((bytes + 500_000) / 1_000_000).max(1))
}

/// A line that a thread shows once patience has ended, until it is dropped.
struct Line {
    done: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Line {
    fn new(text: String) -> Self {
        let (done, ended) = mpsc::channel::<()>();
        let show = move || {
            if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            bar.set_message(text);
            bar.tick();
            // Nothing is ever sent: this waits for the other end to go.
            let _ = ended.recv();
            bar.finish_and_clear();
        };
        // Where no thread can be had, nothing is told.
        Self { done: Some(done), thread: thread::Builder::new().spawn(show).ok() }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_says_what_it_is_for_and_whether_it_comes_again() {
        let text = |unkept: Option<&str>, nowhere| {
            let path = Path::new("tools/acme.wasm");
            let told = Compilation { path, size: 18_734_051, unkept: unkept.map(str::to_owned) };
            Compiling::new(true, false, nowhere).text(&told)
        };
        let compiling = "compiling the plugin acme.wasm (19 MB); ";
        assert_eq!(text(None, None), format!("{compiling}this happens once"));
        assert_eq!(text(Some("reason"), None), format!("{compiling}each run does this: reason"));
        assert_eq!(text(Some("reason"), Some("wish")), format!("{compiling}each run does this: wish"));
    }
}
