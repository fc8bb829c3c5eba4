//! Any bytes as a stream of YAML.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hullmark_fuzz::yaml(bytes);
});
