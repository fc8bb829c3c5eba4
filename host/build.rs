//! Builds what the program embeds: every plugin of this repository, as a component compiled ahead of time.

#[cfg(feature = "cli")]
#[path = "build/plugins.rs"]
mod plugins;

fn main() -> std::process::ExitCode {
    // Without this line any change in the repository would run the script again.
    println!("cargo::rerun-if-changed=host/build.rs");
    #[cfg(feature = "cli")]
    if let Err(error) = plugins::embed() {
        println!("cargo::error={}", error.replace('\n', "\ncargo::error="));
        return std::process::ExitCode::FAILURE;
    }
    std::process::ExitCode::SUCCESS
}
