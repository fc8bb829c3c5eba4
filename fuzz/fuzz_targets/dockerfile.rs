//! Any bytes as a Dockerfile.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hullmark_fuzz::dockerfile(bytes);
});
