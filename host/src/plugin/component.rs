//! Core modules become components. The build script includes this file too.

use wit_component::ComponentEncoder;

/// The component of a core module that carries its interface, as `wit-bindgen` leaves it in a custom section.
///
/// # Errors
/// One sentence fragment that says what the module lacks or has too much.
pub(crate) fn componentize(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{error:#}"))
}
