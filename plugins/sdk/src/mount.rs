//! Mounts of RUN: `--mount=type=cache,target=/root/.cache`.

use crate::dockerfile::Instruction;
use crate::report::Place;
use crate::tree::Node;

/// One `--mount` of a RUN, as [BuildKit reads it](https://docs.docker.com/reference/dockerfile/#run---mount).
#[derive(Clone, Copy, Debug)]
pub struct Mount<'a> {
    flag: Node<'a>,
}

impl<'a> Mount<'a> {
    pub(crate) fn all(instruction: Instruction<'a>) -> impl Iterator<Item = Self> {
        instruction.flags().filter(|flag| flag.key() == Some("mount")).map(|flag| Self { flag })
    }

    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`; `bind` where nothing is said.
    #[must_use]
    pub fn kind(self) -> &'a str {
        self.field(&["type"]).unwrap_or("bind")
    }

    /// Where it stands in the build's file system.
    #[must_use]
    pub fn target(self) -> Option<&'a str> {
        self.field(&["target", "dst", "destination"])
    }

    /// The stage or image whose files it shows.
    #[must_use]
    pub fn from(self) -> Option<&'a str> {
        self.field(&["from"])
    }

    /// Where the first bytes of [`Mount::from`], as many as `part` has, are written.
    #[must_use]
    pub fn from_place(self, part: &str) -> Place {
        let offset = self.fields().find_map(|(offset, key, _)| (key == "from").then_some(offset));
        offset.map_or_else(|| self.place(), |offset| self.flag.part(offset, part))
    }

    /// Whether it gives the step a folder that is no part of the image, so that files left there do not make it larger.
    #[must_use]
    pub fn is_outside_image(self) -> bool {
        matches!(self.kind(), "cache" | "tmpfs")
    }

    /// All of the flag.
    #[must_use]
    pub fn place(self) -> Place {
        self.flag.place()
    }

    /// The value of the first field that has one of these names.
    #[must_use]
    pub fn field(self, names: &[&str]) -> Option<&'a str> {
        self.fields().find_map(|(_, key, value)| names.contains(&key).then_some(value))
    }

    /// Offset of each field's value in the flag's text, name and value. A quoted field is passed over: nobody writes one.
    fn fields(self) -> impl Iterator<Item = (usize, &'a str, &'a str)> {
        let mut offset = 0;
        self.flag.value().unwrap_or_default().split(',').filter_map(move |field| {
            let start = offset;
            offset += field.len() + 1;
            let (key, value) = field.split_once('=').filter(|(_, value)| !value.is_empty())?;
            Some((start + key.len() + 1, key, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hullmark::document::{Source, parse_dockerfile};

    use super::*;
    use crate::native;

    /// Asks the mounts of one RUN.
    fn ask<T>(flags: &str, question: impl Fn(Mount<'_>, &str) -> T) -> Vec<T> {
        let source = Arc::new(Source::new("Dockerfile", format!("FROM x\nRUN {flags} true\n").into_bytes()));
        let document = native::document(Arc::new(parse_dockerfile(&source).documents.remove(0)), 0);
        let file = document.dockerfile().unwrap();
        let run = file.instructions().last().unwrap();
        run.mounts().map(|mount| question(mount, source.text())).collect()
    }

    #[test]
    fn fields_have_their_names_and_defaults() {
        let flags =
            "--mount=type=cache,dst=/a,id=x --network=none --mount=from=b,target=/c,ro --mount=type=secret,id=k";
        let found = ask(flags, |mount, _| {
            (mount.kind().to_owned(), mount.target().map(str::to_owned), mount.is_outside_image())
        });
        assert_eq!(
            found,
            [
                ("cache".into(), Some("/a".into()), true),
                ("bind".into(), Some("/c".into()), false),
                ("secret".into(), None, false),
            ]
        );
    }

    #[test]
    fn the_place_of_an_image_is_that_of_its_name() {
        let place = |mount: Mount<'_>, text: &str| {
            let span = mount.from_place("b").span;
            text[span.start as usize..span.end as usize].to_owned()
        };
        assert_eq!(ask("--mount=type=bind,from=b:1,target=/b:1", place), ["b"]);
        assert_eq!(ask("--mount=type=bind,from=,target=/b", place), ["--mount=type=bind,from=,target=/b"]);
    }
}
