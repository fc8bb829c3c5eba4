//! Write hullmark policies in Rust.
//!
#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | of | look at |
//! |---|---|
//! | a rule and a plugin | [`rule!`], [`plugin!`], [`Rule`], [`Check`], [`OptionSpec`] |
//! | what a rule says | [`Report`], [`Finding`], [`Fix`], [`Place`] |
//! | Dockerfiles | [`Dockerfile`], [`Stage`], [`Instruction`], [`Mount`], [`Reference`] |
//! | shell text | [`Command`], [`Word`], [`Assignment`], [`Redirection`], [`Script`], and below words [`Part`] and [`Compound`] |
//! | manifests | [`Object`], [`Pod`], [`Container`], [`Node`] |
//! | images and quantities | [`Image`], [`parse_image`], [`parse_quantity`], [`magnitude`] |
//! | all files together | [`Project`] with its labels and selectors, [`Build`] |
//! | tests of rules | [`testing`] |
//!
//! Rules run natively in their own tests and as a WebAssembly component everywhere else.
#![deny(missing_docs)]

#[doc(hidden)]
pub mod bindings;
mod decode;
mod derived;
mod dockerfile;
mod document;
#[cfg(target_arch = "wasm32")]
mod guest;
mod host;
mod image;
mod mount;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
mod nearest;
mod options;
mod plugin;
mod project;
mod report;
mod rule;
mod shell;
mod syntax;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod tree;
mod variables;

#[cfg(target_arch = "wasm32")]
use guest as backend;
#[cfg(not(target_arch = "wasm32"))]
use native as backend;

pub use decode::DecodeError;
pub use dockerfile::{Dockerfile, Instruction, Stage};
pub use document::{Container, Document, IgnoreFile, Object, Pod, Role};
pub use image::{Image, Quantity, magnitude, parse_image, parse_quantity};
pub use mount::Mount;
pub use nearest::nearest;
pub use options::{OptionFault, OptionSpec, OptionValues};
pub use plugin::{Configured, Plugin};
pub use project::{Build, ObjectEntry, PodEntry, Project};
pub use report::{Finding, Fix, Place, Report};
pub use rule::{Check, Level, Precision, Rule};
pub use shell::{Assignment, Command, Join, Redirection, Script, Word};
pub use syntax::{Compound, CompoundKind, Part, PartKind};
pub use tree::{Kind, Node, Span};
pub use variables::{Reference, Standing};

/// All that a rule file needs.
pub mod prelude {
    pub use crate::{
        Assignment, Build, Command, Compound, CompoundKind, Container, Dockerfile, Document, Fix, Image, Instruction,
        Join, Kind, Mount, Node, Object, ObjectEntry, Part, PartKind, Place, Pod, PodEntry, Project, Quantity,
        Redirection, Reference, Report, Role, Script, Span, Stage, Standing, Word, magnitude, parse_image,
        parse_quantity, rule,
    };
}

#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub mod exports {
    pub use crate::guest::Guest;
}

/// Makes the crate a component. Part of [`plugin!`].
#[doc(hidden)]
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[expect(unsafe_code, reason = "generated: crossing the boundary is unsafe by nature")]
        mod component {
            struct Component;

            impl $crate::exports::Guest for Component {
                fn plugin() -> &'static $crate::Plugin {
                    &super::$plugin
                }
            }

            $crate::bindings::export!(Component with_types_in $crate::bindings);
        }
    };
}
