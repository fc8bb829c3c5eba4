//! Any bytes as a Dockerfile, checked by all rules.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    hullmark_fuzz::rules(&hullmark_fuzz::dockerfile(bytes));
});
