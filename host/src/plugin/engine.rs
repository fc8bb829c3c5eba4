//! The one configuration of engines. The build script includes this file to compile the built-in plugins ahead of time, and
//! the program uses it to load them and to compile others: what one makes the other accepts, and a budget that suffices
//! on one machine suffices on every machine of that target.

use wasmtime::{Config, WasmBacktraceDetails};

/// For the baseline CPU of a target triple, with `stack` bytes of stack for each call of a guest.
///
/// # Errors
/// The target is no target triple.
pub(crate) fn config(target: &str, stack: usize) -> wasmtime::Result<Config> {
    let mut config = Config::new();
    // Naming the target keeps the features of this machine's CPU out of the code.
    config.target(target)?;
    config
        .concurrency_support(false)
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .generate_address_map(false)
        .max_wasm_stack(stack)
        .native_unwind_info(false)
        .parallel_compilation(true)
        .relaxed_simd_deterministic(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(None);
    Ok(config)
}

/// The same for the built-in plugins: their instances are few and live long, so that setting up memory to be copied on
/// write costs more than it saves.
///
/// # Errors
/// As [`config`].
pub(crate) fn embedded(target: &str, stack: usize) -> wasmtime::Result<Config> {
    let mut config = config(target, stack)?;
    config.memory_init_cow(false);
    Ok(config)
}
