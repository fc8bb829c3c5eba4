//! Makes a component of a core module that `wit-bindgen` left: `componentize MODULE COMPONENT`.

use std::error::Error;

use wit_component::ComponentEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    let [_, module, component] = <[String; 3]>::try_from(std::env::args().collect::<Vec<_>>())
        .map_err(|_| "name the module to read and the component to write")?;
    let module = std::fs::read(module)?;
    let mut encoder = ComponentEncoder::default().validate(true).module(&module)?;
    Ok(std::fs::write(component, encoder.encode()?)?)
}
