//! A bar for people who wait: on a terminal only, and only where it is worth looking at.

use std::env;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Runs shorter than this show no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far a run is, as far as anybody wants to know.
pub(super) struct Progress {
    shown: bool,
    began: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Begins now. It is shown on a terminal, but not under pre-commit, which gives hooks a terminal of its own, and not in CI.
    pub(super) fn new(is_terminal: bool, quiet: bool) -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let shown = is_terminal && !quiet && !is_set("PRE_COMMIT") && !is_set("CI");
        Self { shown, began: Instant::now(), bar: OnceLock::new() }
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
