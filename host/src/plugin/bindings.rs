//! What the interface's text in `wit/` becomes in Rust. Only this folder sees these types.

wasmtime::component::bindgen!({
    path: "wit",
    world: "policy",
    imports: { default: trappable },
    with: {
        "hullmark:policy/host.document": super::host::DocumentHandle,
        "hullmark:policy/host.project": super::host::ProjectHandle,
    },
});

pub(super) use self::hullmark::policy::{host, types};
