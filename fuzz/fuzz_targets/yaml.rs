#![no_main]
//! Any bytes as a stream of YAML.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hullmark_fuzz::yaml(bytes);
});
