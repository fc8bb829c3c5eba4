//! Dockerfiles: stages and instructions.

use crate::document::Document;
use crate::image::Image;
use crate::mount::Mount;
use crate::options::OptionValues;
use crate::report::Place;
use crate::shell::{self, Command, Script};
use crate::syntax::{self, Compound};
use crate::tree::{Kind, NONE, Node};

/// A Dockerfile.
#[derive(Clone, Copy, Debug)]
pub struct Dockerfile<'a> {
    document: &'a Document<'a>,
}

impl<'a> Dockerfile<'a> {
    pub(crate) const fn new(document: &'a Document<'a>) -> Self {
        Self { document }
    }

    /// All instructions in order, those before the first FROM included; triggers of ONBUILD are not among them.
    pub fn instructions(self) -> impl Iterator<Item = Instruction<'a>> {
        self.document.root().children().flat_map(|node| {
            let outside = (node.kind() == Kind::Instruction).then_some(Instruction { node });
            let inside = (node.kind() == Kind::Stage).then(|| instructions(node));
            outside.into_iter().chain(inside.into_iter().flatten())
        })
    }

    /// Its stages in order. A file without FROM, which Docker refuses, is one stage, see [`Stage::is_implied`].
    pub fn stages(self) -> impl Iterator<Item = Stage<'a>> {
        let written = self.document.stage_columns().0.nodes.len();
        let implied = written == 0 && self.instructions().any(|instruction| instruction.name() != "ARG");
        (0..written.max(usize::from(implied)) as u32).map(move |index| Stage { document: self.document, index })
    }

    /// The stages that the option [`OptionSpec::STAGES`](crate::OptionSpec::STAGES) of a rule leaves, for rules that look at
    /// files themselves.
    #[must_use]
    pub fn chosen_stages(self, options: &OptionValues) -> Vec<Stage<'a>> {
        self.stages().filter(|&stage| options.leaves(|| Some(stage))).collect()
    }

    /// The last stage: what a build without a target ships.
    #[must_use]
    pub fn final_stage(self) -> Option<Stage<'a>> {
        self.stages().last()
    }

    /// All commands of its RUN, CMD, ENTRYPOINT and HEALTHCHECK, in the order of the text; those that ONBUILD defers, and
    /// those in substitutions and in scripts that commands run, included.
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        shell::commands(self.document)
    }

    /// All texts that a shell reads, and exec forms.
    pub fn scripts(self) -> impl Iterator<Item = Script<'a>> {
        shell::scripts(self.document)
    }

    /// What groups its commands: loops, conditions, functions, parentheses and braces.
    pub fn compounds(self) -> impl Iterator<Item = Compound<'a>> {
        syntax::compounds(self.document)
    }

    /// The document it is.
    #[must_use]
    pub const fn document(self) -> &'a Document<'a> {
        self.document
    }
}

fn instructions(node: Node<'_>) -> impl Iterator<Item = Instruction<'_>> {
    node.children().filter(|child| child.kind() == Kind::Instruction).map(|node| Instruction { node })
}

/// A stage: FROM and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    document: &'a Document<'a>,
    index: u32,
}

impl<'a> Stage<'a> {
    fn column(self, of: impl Fn(&crate::bindings::hullmark::policy::types::Stages) -> &Vec<u32>) -> u32 {
        of(&self.document.stage_columns().0).get(self.index as usize).copied().unwrap_or(NONE)
    }

    /// Its node; that of the file where it is implied.
    fn node(self) -> u32 {
        if self.is_implied() { 0 } else { self.column(|stages| &stages.nodes) }
    }

    /// Whether the file has no FROM: only the instructions of this stage are known. Docker refuses such a file, but the
    /// rules on what is written hold for it, as for a part of a Dockerfile that is put together later.
    #[must_use]
    pub fn is_implied(self) -> bool {
        self.document.stage_columns().0.nodes.is_empty()
    }

    /// Number in the file, from 0.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// Name after AS, in lower case as BuildKit has it.
    #[must_use]
    pub fn name(self) -> Option<&'a str> {
        self.document.node(self.node()).value()
    }

    /// Its FROM instruction; where it is implied, an instruction without a name and without arguments.
    #[must_use]
    pub fn from(self) -> Instruction<'a> {
        let node = if self.is_implied() { 0 } else { self.column(|stages| &stages.froms) };
        Instruction { node: self.document.node(node) }
    }

    /// Its instructions, FROM first.
    pub fn instructions(self) -> impl Iterator<Item = Instruction<'a>> {
        instructions(self.document.node(self.node()))
    }

    /// Its instructions of one name.
    pub fn all(self, name: &'static str) -> impl DoubleEndedIterator<Item = Instruction<'a>> {
        self.instructions().filter(move |instruction| instruction.name() == name).collect::<Vec<_>>().into_iter()
    }

    /// The earlier stage it is built from.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let index = self.column(|stages| &stages.parents);
        (index != NONE).then_some(Self { document: self.document, index })
    }

    /// The stage itself, then its parent, and so on.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM node:22 AS base\nUSER app\nFROM base\nRUN true\n");
    /// let file = document.dockerfile().unwrap();
    /// let user = file.final_stage().unwrap().lineage().find_map(|stage| stage.all("USER").last());
    /// assert_eq!(user.map(|user| user.text()), Some("app"));
    /// ```
    pub fn lineage(self) -> impl Iterator<Item = Self> {
        // A parent always stands earlier, so this ends.
        std::iter::successors(Some(self), |stage| stage.parent().filter(|parent| parent.index < stage.index))
    }

    /// The image it is built from, variables replaced by the defaults of global ARGs; nothing where a variable has no value
    /// in the file, or where it is built from an earlier stage.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("ARG TAG=22\nFROM node:$TAG AS base\nFROM base\n");
    /// let file = document.dockerfile().unwrap();
    /// let bases: Vec<_> = file.stages().map(|stage| stage.base()).collect();
    /// assert_eq!(bases, [Some("node:22"), None]);
    /// ```
    #[must_use]
    pub fn base(self) -> Option<&'a str> {
        if self.parent().is_some() {
            return None;
        }
        self.document.stage_columns().1.get(self.column(|stages| &stages.bases))
    }

    /// [`Stage::base`] as an image reference at the argument of FROM; nothing for `scratch` and for what Docker would refuse.
    #[must_use]
    pub fn image(self) -> Option<Image<'a>> {
        let base = self.base().filter(|base| *base != "scratch")?;
        Image::resolved(self.from().arguments().next()?, base)
    }

    /// The defaults of global ARGs that its image is made of, last one first.
    #[must_use]
    pub fn image_defaults(self) -> Vec<Node<'a>> {
        let image = self.from().arguments().next();
        let of_image = self.from().references().filter(|reference| Some(reference.node) == image);
        let mut wanted: Vec<&str> = of_image.map(|reference| reference.name).collect();
        let file = Dockerfile::new(self.document);
        let global: Vec<(Instruction<'a>, Node<'a>)> = file
            .instructions()
            .take_while(|instruction| instruction.name() != "FROM")
            .filter(|instruction| instruction.name() == "ARG")
            .flat_map(|arg| arg.pairs().map(move |pair| (arg, pair)))
            .collect();
        let mut defaults = Vec::new();
        // Backwards: the last ARG of a name holds, and its default may name earlier ones.
        for (arg, pair) in global.into_iter().rev() {
            let (Some(name), Some(_)) = (pair.key(), pair.value()) else { continue };
            if wanted.contains(&name) {
                wanted.retain(|variable| *variable != name);
                wanted.extend(
                    arg.references().filter(|reference| reference.node == pair).map(|reference| reference.name),
                );
                defaults.push(pair);
            }
        }
        defaults
    }

    /// The commands of its instructions, see [`Dockerfile::commands`].
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        let node = self.node();
        shell::commands_between(self.document, node, self.document.tree().subtree_end(node))
    }

    /// Whether the final stage needs it.
    #[must_use]
    pub fn is_shipped(self) -> bool {
        self.is_implied() || self.document.stage_columns().0.shipped.get(self.index as usize) == Some(&1)
    }

    /// Whether it is the last one of the file.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.index as usize + 1 == self.document.stage_columns().0.nodes.len().max(1)
    }

    /// Where the stage as a whole is reported: its image; where it is implied, its first keyword.
    #[must_use]
    pub fn place(self) -> Place {
        if let Some(first) = self.instructions().next().filter(|_| self.is_implied()) {
            return first.place();
        }
        self.from().arguments().next().map_or_else(|| self.from().place(), Node::place)
    }
}

/// An instruction.
#[derive(Clone, Copy, Debug)]
pub struct Instruction<'a> {
    node: Node<'a>,
}

impl<'a> Instruction<'a> {
    pub(crate) const fn new(node: Node<'a>) -> Self {
        Self { node }
    }

    /// Its commands, see [`Dockerfile::commands`]; those that ONBUILD defers are its trigger's.
    pub fn commands(self) -> impl Iterator<Item = Command<'a>> {
        shell::commands_between(self.node.document(), self.node.index, self.node.index + 1)
    }

    /// Keyword in upper case.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.node.key().unwrap_or_default()
    }

    /// All after the keyword and its flags, continuations joined.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.node.value().unwrap_or_default()
    }

    /// Its node.
    #[must_use]
    pub const fn node(self) -> Node<'a> {
        self.node
    }

    /// The keyword.
    #[must_use]
    pub fn place(self) -> Place {
        self.node.key_place()
    }

    /// A flag by its name without `--`.
    #[must_use]
    pub fn flag(self, name: &str) -> Option<Node<'a>> {
        self.flags().find(|flag| flag.key() == Some(name))
    }

    /// Its flags.
    pub fn flags(self) -> impl Iterator<Item = Node<'a>> {
        self.node.children().filter(|child| child.kind() == Kind::Flag)
    }

    /// Its mounts, where it is a RUN.
    pub fn mounts(self) -> impl Iterator<Item = Mount<'a>> {
        Mount::all(self)
    }

    /// Its arguments: words, the words of the exec form, or the whole rest, as the instruction takes them.
    pub fn arguments(self) -> impl Iterator<Item = Node<'a>> {
        self.node.children().filter(|child| matches!(child.kind(), Kind::Argument | Kind::JsonArgument))
    }

    /// Whether its arguments are in exec (JSON) form.
    #[must_use]
    pub fn is_exec_form(self) -> bool {
        self.node.children().any(|child| child.kind() == Kind::JsonArgument)
    }

    /// Names and values of ENV, LABEL and ARG.
    ///
    /// ```
    /// use hullmark_sdk::testing::parsed;
    ///
    /// let document = parsed("FROM x\nLABEL team=\"shop\" tier=web\n");
    /// let file = document.dockerfile().unwrap();
    /// let label = file.instructions().last().unwrap();
    /// let team = label.pairs().find(|pair| pair.key() == Some("team")).unwrap();
    /// assert_eq!(team.resolved(), Some("shop"));
    /// ```
    pub fn pairs(self) -> impl Iterator<Item = Node<'a>> {
        self.node.children().filter(|child| child.kind() == Kind::Pair)
    }

    /// Its heredocs.
    pub fn heredocs(self) -> impl Iterator<Item = Node<'a>> {
        self.node.children().filter(|child| child.kind() == Kind::Heredoc)
    }

    /// Keywords inside it: `AS` of FROM, `CMD` and `NONE` of HEALTHCHECK.
    pub fn keywords(self) -> impl Iterator<Item = Node<'a>> {
        self.node.children().filter(|child| child.kind() == Kind::Keyword)
    }

    /// The instruction that ONBUILD triggers.
    #[must_use]
    pub fn trigger(self) -> Option<Self> {
        self.node.children().find(|child| child.kind() == Kind::Instruction).map(|node| Self { node })
    }

    /// The stage it stands in; nothing before the first FROM.
    #[must_use]
    pub fn stage(self) -> Option<Stage<'a>> {
        let document = self.node.document();
        let implied = Stage { document, index: 0 };
        if implied.is_implied() && self.node.parent().is_some_and(|parent| parent.kind() == Kind::Dockerfile) {
            return Some(implied);
        }
        let parent = self.node.parent().filter(|parent| parent.kind() == Kind::Stage)?;
        let index = document.stage_columns().0.nodes.iter().position(|&node| node == parent.index)? as u32;
        Some(Stage { document, index })
    }

    /// For FROM: the image as it is written, unless it names an earlier stage, is `scratch`, or holds a variable.
    #[must_use]
    pub fn image(self) -> Option<Image<'a>> {
        if self.name() != "FROM" || self.stage()?.parent().is_some() {
            return None;
        }
        let node = self.arguments().next()?;
        (node.value() != Some("scratch")).then(|| Image::of(node)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hullmark::document::{Source, parse_dockerfile};

    use super::*;
    use crate::native;

    fn document(text: &str) -> Document<'static> {
        let source = Arc::new(Source::new("Dockerfile", text.as_bytes().to_vec()));
        native::document(Arc::new(parse_dockerfile(&source).documents.remove(0)), 0)
    }

    #[test]
    fn a_file_without_from_is_one_stage() {
        let document = document("ARG A\nWORKDIR a\nRUN b\n");
        let stages: Vec<Stage<'_>> = document.dockerfile().unwrap().stages().collect();
        let [stage] = stages[..] else { panic!("{stages:?}") };
        assert!(stage.is_implied() && stage.is_final() && stage.is_shipped());
        assert_eq!((stage.name(), stage.base(), stage.parent().is_none()), (None, None, true));
        assert_eq!((stage.from().name(), stage.from().arguments().count()), ("", 0));
        assert_eq!(document.text_at(stage.place().span), "ARG");
        let workdir = stage.all("WORKDIR").next().unwrap();
        assert_eq!(workdir.stage().map(Stage::index), Some(0));
    }

    #[test]
    fn arguments_alone_and_what_stands_before_from_are_no_stage() {
        assert_eq!(document("ARG A\n").dockerfile().unwrap().stages().count(), 0);
        let document = document("RUN a\nFROM b\n");
        let file = document.dockerfile().unwrap();
        assert_eq!(file.stages().map(Stage::is_implied).collect::<Vec<_>>(), [false]);
        assert!(file.instructions().next().unwrap().stage().is_none());
    }
}
