#![no_main]
//! Any bytes as a Dockerfile.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hullmark_fuzz::dockerfile(bytes);
});
