"""Dockerfiles: stages and instructions."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Iterator

from . import shell
from .image import Image
from .tree import NONE, Node, Place, Row
from .variables import Reference

if TYPE_CHECKING:
    from .document import Document
    from .options import OptionValues


class Dockerfile:
    """A Dockerfile."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    @property
    def instructions(self) -> Iterator[Instruction]:
        """All instructions in order, those before the first FROM included; triggers of ONBUILD are not among them."""
        for node in self.document.root.children:
            if node.kind == "instruction":
                yield Instruction(node)
            elif node.kind == "stage":
                yield from _instructions(node)

    @property
    def stages(self) -> list[Stage]:
        """Its stages in order. A file without FROM, which Docker refuses, is one stage, see `Stage.is_implied`."""
        count = len(self.document._stages.nodes)
        if not count and any(instruction.name != "ARG" for instruction in self.instructions):
            count = 1
        return [Stage(self.document, index) for index in range(count)]

    def chosen_stages(self, options: OptionValues) -> list[Stage]:
        """The stages that the option `Option.STAGES` of a rule leaves, for rules that look at files themselves."""
        return [stage for stage in self.stages if options.leaves(stage)]

    @property
    def final_stage(self) -> Stage | None:
        """The last stage: what a build without a target ships."""
        stages = self.stages
        return stages[-1] if stages else None

    @property
    def commands(self) -> Iterator[shell.Command]:
        """All commands of its RUN, CMD, ENTRYPOINT and HEALTHCHECK, in the order of the text; those that ONBUILD defers,
        and those in substitutions and in scripts that commands run, included."""
        return shell.commands(self.document)

    @property
    def scripts(self) -> Iterator[shell.Script]:
        """All texts that a shell reads, and exec forms."""
        return shell.scripts(self.document)

    @property
    def compounds(self) -> Iterator[shell.Compound]:
        """What groups its commands: loops, conditions, functions, parentheses and braces."""
        return shell.compounds(self.document)


def _instructions(node: Node) -> Iterator[Instruction]:
    return (Instruction(child) for child in node.children if child.kind == "instruction")


class Stage(Row):
    """A stage: FROM and what follows it."""

    __slots__ = ()

    @property
    def _node(self) -> Node:
        """Its node; that of the file where it is implied."""
        return Node(self.document, 0 if self.is_implied else self.document._stages.nodes[self.index])

    @property
    def is_implied(self) -> bool:
        """Whether the file has no FROM: only the instructions of this stage are known. Docker refuses such a file, but the
        rules on what is written hold for it, as for a part of a Dockerfile that is put together later."""
        return not self.document._stages.nodes

    @property
    def name(self) -> str | None:
        """Name after AS, in lower case as BuildKit has it."""
        return self._node.value

    @property
    def from_(self) -> Instruction:
        """Its FROM instruction; where it is implied, an instruction without a name and without arguments."""
        return Instruction(Node(self.document, 0 if self.is_implied else self.document._stages.froms[self.index]))

    @property
    def instructions(self) -> Iterator[Instruction]:
        """Its instructions, FROM first."""
        return _instructions(self._node)

    def all(self, name: str) -> list[Instruction]:
        """Its instructions of one name."""
        return [instruction for instruction in self.instructions if instruction.name == name]

    @property
    def parent(self) -> Stage | None:
        """The earlier stage it is built from."""
        index = NONE if self.is_implied else self.document._stages.parents[self.index]
        return None if index == NONE else Stage(self.document, index)

    @property
    def lineage(self) -> Iterator[Stage]:
        """The stage itself, then its parent, and so on."""
        stage: Stage | None = self
        while stage:
            yield stage
            stage = stage.parent

    @property
    def base(self) -> str | None:
        """The image it is built from, variables replaced by the defaults of global ARGs; nothing where a variable has no
        value in the file, or where it is built from an earlier stage."""
        if self.is_implied or self.parent:
            return None
        return self.document._stage_strings.get(self.document._stages.bases[self.index])

    @property
    def image(self) -> Image | None:
        """`base` as an image reference at the argument of FROM; nothing for `scratch` and for what Docker would refuse."""
        base = self.base
        argument = next(self.from_.arguments, None)
        return Image.of(argument, base) if argument and base not in (None, "scratch") else None

    @property
    def image_defaults(self) -> list[Node]:
        """The defaults of global ARGs that its image is made of, last one first."""
        image = next(self.from_.arguments, None)
        wanted = {reference.name for reference in self.from_.references if reference.node == image}
        before = takewhile(lambda instruction: instruction.name != "FROM", Dockerfile(self.document).instructions)
        pairs = [(arg, pair) for arg in before if arg.name == "ARG" for pair in arg.pairs]
        defaults: list[Node] = []
        # Backwards: the last ARG of a name holds, and its default may name earlier ones.
        for arg, pair in reversed(pairs):
            if pair.key in wanted and pair.value is not None:
                wanted.remove(pair.key)
                wanted.update(reference.name for reference in arg.references if reference.node == pair)
                defaults.append(pair)
        return defaults

    @property
    def commands(self) -> Iterator[shell.Command]:
        """The commands of its instructions, see `Dockerfile.commands`."""
        node = self._node.index
        return shell.commands_between(self.document, node, self.document._tree.subtree_ends[node])

    @property
    def is_shipped(self) -> bool:
        """Whether the final stage needs it."""
        return self.is_implied or self.document._stages.shipped[self.index] == 1

    @property
    def is_final(self) -> bool:
        """Whether it is the last one of the file."""
        return self.index + 1 == max(len(self.document._stages.nodes), 1)

    @property
    def place(self) -> Place:
        """Where the stage as a whole is reported: its image; where it is implied, its first keyword."""
        if self.is_implied:
            return next(self.instructions, self.from_).place
        argument = next(self.from_.arguments, None)
        return argument.place if argument else self.from_.place


class Instruction:
    """An instruction."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instruction) and self.node == other.node

    def __hash__(self) -> int:
        return hash(self.node)

    def __repr__(self) -> str:
        return f"<{self.name} {self.text!r}>"

    @property
    def name(self) -> str:
        """Keyword in upper case."""
        return self.node.key or ""

    @property
    def text(self) -> str:
        """All after the keyword and its flags, continuations joined."""
        return self.node.value or ""

    @property
    def place(self) -> Place:
        """The keyword."""
        return self.node.key_place

    def _all(self, *kinds: str) -> Iterator[Node]:
        return (child for child in self.node.children if child.kind in kinds)

    def flag(self, name: str) -> Node | None:
        """A flag by its name without `--`."""
        return next((flag for flag in self.flags if flag.key == name), None)

    @property
    def flags(self) -> Iterator[Node]:
        """Its flags."""
        return self._all("flag")

    @property
    def mounts(self) -> list[Mount]:
        """Its mounts, where it is a RUN."""
        return [Mount(flag) for flag in self.flags if flag.key == "mount"]

    @property
    def arguments(self) -> Iterator[Node]:
        """Its arguments: words, the words of the exec form, or the whole rest, as the instruction takes them."""
        return self._all("argument", "json-argument")

    @property
    def is_exec_form(self) -> bool:
        """Whether its arguments are in exec (JSON) form."""
        return any(True for _ in self._all("json-argument"))

    @property
    def pairs(self) -> Iterator[Node]:
        """Names and values of ENV, LABEL and ARG."""
        return self._all("pair")

    @property
    def heredocs(self) -> Iterator[Node]:
        """Its heredocs."""
        return self._all("heredoc")

    @property
    def keywords(self) -> Iterator[Node]:
        """Keywords inside it: `AS` of FROM, `CMD` and `NONE` of HEALTHCHECK."""
        return self._all("keyword")

    @property
    def trigger(self) -> Instruction | None:
        """The instruction that ONBUILD triggers."""
        return next((Instruction(node) for node in self._all("instruction")), None)

    @property
    def stage(self) -> Stage | None:
        """The stage it stands in; nothing before the first FROM."""
        parent = self.node.parent
        document = self.node.document
        if parent and parent.kind == "dockerfile" and not document._stages.nodes:
            return Stage(document, 0)
        if not parent or parent.kind != "stage":
            return None
        return Stage(document, document._stages.nodes.index(parent.index))

    @property
    def image(self) -> Image | None:
        """For FROM: the image as it is written, unless it names an earlier stage, is `scratch`, or holds a variable."""
        stage = self.stage
        argument = next(self.arguments, None)
        if self.name != "FROM" or not stage or stage.parent or not argument or argument.value == "scratch":
            return None
        return Image.of(argument)

    @property
    def commands(self) -> Iterator[shell.Command]:
        """Its commands, see `Dockerfile.commands`; those that ONBUILD defers are its trigger's."""
        return shell.commands_between(self.node.document, self.node.index, self.node.index + 1)

    @property
    def compounds(self) -> Iterator[shell.Compound]:
        """What groups its commands, see `Dockerfile.compounds`."""
        return (each for each in shell.compounds(self.node.document) if each.script.instruction == self)

    @property
    def references(self) -> Iterator[Reference]:
        """Variables in its words, where BuildKit replaces them; not those of a shell's text, which the shell replaces."""
        return self.node.document._variables.references(self.node)


class Mount:
    """One `--mount` of a RUN, as BuildKit reads it."""

    __slots__ = ("_flag",)

    def __init__(self, flag: Node) -> None:
        self._flag = flag

    @property
    def kind(self) -> str:
        """`bind`, `cache`, `tmpfs`, `secret` or `ssh`; `bind` where nothing is said."""
        return self.field("type") or "bind"

    @property
    def target(self) -> str | None:
        """Where it stands in the build's file system."""
        return self.field("target", "dst", "destination")

    @property
    def from_(self) -> str | None:
        """The stage or image whose files it shows."""
        return self.field("from")

    def from_place(self, part: str) -> Place:
        """Where the first characters of `from_`, as many as `part` has, are written."""
        offset = next((offset for offset, key, _ in self._fields() if key == "from"), None)
        return self.place if offset is None else self._flag.part(offset, part)

    @property
    def is_outside_image(self) -> bool:
        """Whether it gives the step a folder that is no part of the image, so that files left there do not make it
        larger."""
        return self.kind in ("cache", "tmpfs")

    @property
    def place(self) -> Place:
        """All of the flag."""
        return self._flag.place

    def field(self, *names: str) -> str | None:
        """The value of the first field that has one of these names."""
        return next((value for _, key, value in self._fields() if key in names), None)

    def _fields(self) -> Iterator[tuple[int, str, str]]:
        """Offset of each field's value in the flag's text, name and value. A quoted field is passed over: nobody writes
        one."""
        offset = 0
        for field in (self._flag.value or "").split(","):
            key, _, value = field.partition("=")
            if value:
                yield offset + len(key) + 1, key, value
            offset += len(field) + 1
