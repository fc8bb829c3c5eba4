//! Builds what the program embeds: every plugin of this repository, as a component compiled ahead of time, and the policies.

#[cfg(feature = "cli")]
#[path = "build/plugins.rs"]
mod plugins;
#[cfg(feature = "cli")]
#[path = "build/policies.rs"]
mod policies;

fn main() -> std::process::ExitCode {
    // Without this line any change in the repository would run the script again.
    println!("cargo::rerun-if-changed=host/build.rs");
    #[cfg(feature = "cli")]
    if let Err(error) = plugins::embed().and_then(|()| policies::embed()) {
        println!("cargo::error={}", error.replace('\n', "\ncargo::error="));
        return std::process::ExitCode::FAILURE;
    }
    std::process::ExitCode::SUCCESS
}
