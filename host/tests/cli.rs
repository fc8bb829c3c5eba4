//! The command line's contract, held by the real program in repositories made for each test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(unix)]
#[path = "cli/action.rs"]
mod action;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/baselines.rs"]
mod baselines;
#[path = "cli/changes.rs"]
mod changes;
#[path = "cli/code_scanning.rs"]
mod code_scanning;
#[cfg(unix)]
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/configuration.rs"]
mod configuration;
#[path = "cli/context.rs"]
mod context;
#[path = "cli/fixes.rs"]
mod fixes;
#[cfg(unix)]
#[path = "cli/hostile_repository.rs"]
mod hostile_repository;
#[cfg(unix)]
#[path = "cli/judges.rs"]
mod judges;
#[path = "cli/page.rs"]
mod page;
#[path = "cli/pins.rs"]
mod pins;
#[path = "cli/plugins.rs"]
mod plugins;
#[path = "cli/pod_security.rs"]
mod pod_security;
#[path = "cli/policies.rs"]
mod policies;
#[cfg(target_os = "linux")]
#[path = "cli/progress.rs"]
mod progress;
#[path = "cli/repo.rs"]
mod repo;
#[path = "cli/reports.rs"]
mod reports;
#[path = "cli/same_bytes.rs"]
mod same_bytes;
#[path = "cli/shards.rs"]
mod shards;
#[cfg(unix)]
#[path = "cli/shellcheck.rs"]
mod shellcheck;
mod support;
#[path = "cli/suppressions.rs"]
mod suppressions;
#[path = "support/tools.rs"]
mod tools;
#[cfg(unix)]
#[path = "cli/trouble.rs"]
mod trouble;
#[path = "cli/usage.rs"]
mod usage;
