//! The interface as wit-bindgen makes it from `wit/policy.wit`. Nothing outside this crate needs it.
#![allow(unsafe_code, clippy::all, reason = "generated: crossing the boundary is unsafe by nature")]

wit_bindgen::generate!({
    world: "policy",
    path: "wit",
    pub_export_macro: true,
    generate_all,
});
