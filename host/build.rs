//! Builds what the program embeds.

fn main() {}
