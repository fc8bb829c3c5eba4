//! The one engine configuration. The build script includes this file to compile the built-in plugins ahead of time, and
//! the program uses it to load them and to compile others: what one makes the other accepts, and a budget that suffices
//! on one machine suffices on every machine of that target.

use wasmtime::{Config, Engine, WasmBacktraceDetails};

/// An engine for the baseline CPU of a target triple, whose guests have `stack` bytes of stack for each call.
///
/// # Errors
/// The target is unknown, or this build of the compiler does not know its architecture.
pub(crate) fn engine(target: &str, stack: usize) -> wasmtime::Result<Engine> {
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
    Engine::new(&config)
}
