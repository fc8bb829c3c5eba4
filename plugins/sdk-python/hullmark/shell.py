"""Commands of shell text: what a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs, down to its words and what those are made of.

A word that is not literal has no `Word.text`, and a script that was not understood ends early: a rule about what is missing
asks `Script.is_understood` first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Iterator, Literal, Sequence

from wit_world.imports import types as wit

from . import dockerfile
from .tree import NONE, Node, Place, Row, Strings

if TYPE_CHECKING:
    from .document import Document

Join = Literal["none", "and", "or", "semicolon", "newline", "background", "pipe"]
"""What joins a command to what stands before it; `none` for the first one, or where a keyword stands between."""

_JOINS: dict[int, Join] = {1: "and", 2: "or", 3: "semicolon", 4: "newline", 5: "background", 6: "pipe", 7: "pipe"}

PartKind = Literal[
    "single-quoted", "double-quoted", "ansi-quoted", "translated", "variable", "arithmetic", "commands", "backticks",
    "process", "array", "other",
]
"""What a part of a word is: `'…'`, `"…"`, `$'…'`, `$"…"`, `$x`, `$((…))`, `$(…)`, a substitution in backticks, `<(…)`, the
value of an array, or something newer than this package."""

_PARTS: dict[int, PartKind] = {
    1: "single-quoted", 2: "double-quoted", 3: "ansi-quoted", 4: "translated", 5: "variable", 6: "arithmetic",
    7: "commands", 8: "backticks", 9: "process", 10: "array",
}

CompoundKind = Literal[
    "subshell", "group", "if", "while", "for", "for-arguments", "for-arithmetic", "select", "case", "arithmetic",
    "function-keyword", "function", "other",
]
"""What a compound command is; `while` stands for `until` too, `for-arguments` goes over the script's arguments, and
`function-keyword` is a function that is written with that word."""

_COMPOUNDS: dict[int, CompoundKind] = {
    1: "subshell", 2: "group", 3: "if", 4: "while", 5: "for", 6: "for-arguments", 7: "for-arithmetic", 8: "select",
    9: "case", 10: "arithmetic", 11: "function-keyword", 12: "function",
}

_WRAPPERS = {
    "env": "uCS", "exec": "a", "command": "", "nohup": "", "time": "fo", "nice": "n", "sudo": "ugUghpCrt", "doas": "uC",
    "tini": "", "setsid": "",
}
"""Commands that run the command which their arguments are, and their short options that take a value."""


class CommandTables:
    """The columns of a document's commands."""

    def __init__(self, columns: wit.Commands) -> None:
        self.columns = columns
        self.strings = Strings(columns.strings)

    @cached_property
    def script_nodes(self) -> list[int]:
        """Node of the instruction of each command. Commands stand in the order of their instructions."""
        nodes = self.columns.scripts.nodes
        return [nodes[script] for script in self.columns.commands.scripts]

    @cached_property
    def pipelines(self) -> dict[int, list[int]]:
        """Commands by their pipelines."""
        return _groups(self.columns.commands.pipelines)

    @cached_property
    def assignments(self) -> dict[int, list[int]]:
        """Assignments by their commands."""
        return _groups(self.columns.assignments.commands)

    @cached_property
    def redirections(self) -> dict[int, list[int]]:
        """Redirections by their commands."""
        return _groups(self.columns.redirections.commands)


def _groups(owners: Sequence[int]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for row, owner in enumerate(owners):
        groups.setdefault(owner, []).append(row)
    return groups


def commands(document: Document) -> Iterator[Command]:
    """All commands of a document, in the order of the text."""
    return (Command(document, index) for index in range(len(document._commands.columns.commands.scripts)))


def commands_between(document: Document, start: int, end: int) -> Iterator[Command]:
    """The commands of the instructions whose nodes lie in a range."""
    nodes = document._commands.script_nodes
    return (Command(document, index) for index in range(bisect_left(nodes, start), bisect_left(nodes, end)))


def scripts(document: Document) -> Iterator[Script]:
    """All scripts of a document."""
    return (Script(document, index) for index in range(len(document._commands.columns.scripts.nodes)))


def compounds(document: Document) -> Iterator[Compound]:
    """All compound commands of a document, in the order of their beginnings."""
    return (Compound(document, index) for index in range(len(document._syntax.compounds.scripts)))


class Script(Row):
    """A text that a shell reads, or an exec form, which none does."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.ScriptColumns:
        return self.document._commands.columns.scripts

    @property
    def instruction(self) -> dockerfile.Instruction:
        """The instruction that holds it; for ONBUILD the one that is triggered."""
        return dockerfile.Instruction(Node(self.document, self._columns.nodes[self.index]))

    @property
    def stage(self) -> dockerfile.Stage | None:
        """The stage it stands in."""
        instruction = self.instruction
        parent = instruction.node.parent
        return instruction.stage or (dockerfile.Instruction(parent).stage if parent else None)

    @property
    def runner(self) -> Command | None:
        """The command that runs it, as in `bash -c '…'`; nothing for what the instruction itself runs."""
        index = self._columns.commands[self.index]
        return None if index == NONE else Command(self.document, index)

    @property
    def shell(self) -> str | None:
        """Name of the shell that reads it, without its folder; nothing for the exec form."""
        return self.document._commands.strings.get(self._columns.shells[self.index])

    @property
    def options(self) -> str:
        """The shell's own arguments with blanks between: `-o pipefail -c`."""
        return self.document._commands.strings.get(self._columns.options[self.index]) or ""

    @property
    def is_understood(self) -> bool:
        """Whether all of it was understood: nothing is missing among its commands."""
        return self._columns.states[self.index] == 0

    @property
    def place(self) -> Place:
        """All of its text."""
        return self._place(self._columns.starts[self.index], self._columns.ends[self.index])

    @property
    def commands(self) -> Iterator[Command]:
        """Its commands, those in substitutions included."""
        return (command for command in self.instruction.commands if command.script == self)


class Command(Row):
    """A simple command. Its words do not hold assignments and redirections."""

    __slots__ = ("_skipped",)

    def __init__(self, document: Document, index: int, skipped: int = 0) -> None:
        super().__init__(document, index)
        self._skipped = skipped
        """Number of words that `unwrapped` passes over."""

    @property
    def _columns(self) -> wit.CommandColumns:
        return self.document._commands.columns.commands

    def _at(self, index: int) -> Command:
        return Command(self.document, index)

    @property
    def name(self) -> str | None:
        """Name of the program, without its folder: `apt-get` for `/usr/bin/apt-get`. Nothing where it is not literal, or
        where the command only assigns."""
        word = self.word(0)
        text = word.text if word else None
        return text.rsplit("/", 1)[-1] if text is not None else None

    @property
    def subcommand(self) -> str | None:
        """The first argument that is no option: `install` of `apt-get -y install curl`."""
        argument = next(self.arguments, None)
        return argument.text if argument else None

    def word(self, index: int) -> Word | None:
        """Word number `index`; the program is number 0."""
        words = self.words
        return words[index] if index < len(words) else None

    @property
    def words(self) -> list[Word]:
        """Its words, the program first."""
        first, last = self._columns.first_words[self.index], self._columns.last_words[self.index]
        return [Word(self.document, index) for index in range(first + self._skipped, last)]

    @property
    def arguments(self) -> Iterator[Word]:
        """Its words after the program that are no options, and all after `--`. Values of options are among them: which
        options take one is for the rule to know."""
        return self.operands()

    def operands(self, *valued: str) -> Iterator[Word]:
        """Its words after the program that are neither options nor values of options, and all after `--`. The options of
        `valued` take the next word as their value unless it is written behind `=`."""
        only_operands = is_value = False
        for word in self.words[1:]:
            if only_operands:
                yield word
            elif is_value:
                is_value = False
            elif word.is_option:
                only_operands = word.text == "--"
                is_value = word.resolved in valued
            else:
                yield word

    @property
    def options(self) -> Iterator[Word]:
        """Its words after the program that begin with `-`, up to `--`."""
        for word in self.words[1:]:
            if word.text == "--":
                return
            if word.is_option:
                yield word

    def has_flag(self, *names: str) -> bool:
        """Whether one of these options is given: `-y`, also among others as in `-qy`, and `--yes`, also as `--yes=…`."""
        return self.flag(*names) is not None

    def flag(self, *names: str) -> Word | None:
        """The word that gives one of these options, see `has_flag`."""
        for word in self.options:
            text = word.resolved
            if text is not None and any(_gives(text, name) for name in names):
                return word
        return None

    def flag_value(self, *names: str) -> str | None:
        """The value of one of these options: `-u 5`, `-u5`, `--uid 5`, `--uid=5`."""
        words = iter(self.words[1:])
        for word in words:
            text = word.resolved
            for name in names if text is not None else ():
                assert text is not None
                if text == name:
                    value = next(words, None)
                    return value.resolved if value else None
                if not text.startswith(name):
                    continue
                rest = text[len(name) :]
                if name.startswith("--"):
                    if rest.startswith("="):
                        return rest[1:]
                elif len(name) == 2:
                    return rest.removeprefix("=")
        return None

    @property
    def layers(self) -> Iterator[Command]:
        """The command, then the one that it runs through `sudo`, `env`, `exec` and the like, and so on."""
        command: Command | None = self
        while command:
            yield command
            command = command._wrapped()

    @property
    def unwrapped(self) -> Command:
        """The command that this one runs through `sudo`, `env`, `exec`, `command`, `nice` and the like; itself for any
        other."""
        *_, innermost = self.layers
        return innermost

    def _wrapped(self) -> Command | None:
        program = self.name
        valued = _WRAPPERS.get(program or "")
        if valued is None:
            return None
        words = enumerate(self.words)
        next(words)
        for index, word in words:
            text = word.text
            if text is None:
                return None
            if text.startswith("-"):
                # It asks whether there is such a command.
                if program == "command" and ("v" in text or "V" in text):
                    return None
                if len(text) == 2 and text[1] in valued:
                    next(words, None)
            elif "=" not in text:
                return Command(self.document, self.index, self._skipped + index)
        return None

    @property
    def place(self) -> Place:
        """The program's word; the whole command where it only assigns."""
        word = self.word(0)
        return word.place if word else self.whole_place

    @property
    def whole_place(self) -> Place:
        """All of it, from its first assignment or word to its last word or redirection."""
        return self._place(self._columns.starts[self.index], self._columns.ends[self.index])

    @property
    def assignments(self) -> list[Assignment]:
        """Its assignments: `NAME=value` before the program, or instead of one."""
        rows = self.document._commands.assignments.get(self.index, ())
        return [Assignment(self.document, row) for row in rows]

    @property
    def redirections(self) -> list[Redirection]:
        """Its redirections."""
        rows = self.document._commands.redirections.get(self.index, ())
        return [Redirection(self.document, row) for row in rows]

    def _has_context(self, bits: int) -> bool:
        return self._columns.contexts[self.index] & bits != 0

    @property
    def is_piped_from(self) -> bool:
        """Whether its input is a pipe."""
        return self._has_context(1)

    @property
    def is_piped_into(self) -> bool:
        """Whether its output goes into a pipe."""
        return self._has_context(2)

    @property
    def is_in_subshell(self) -> bool:
        """Whether it stands in `( … )`: what it does to the shell ends there."""
        return self._has_context(4)

    @property
    def is_in_condition(self) -> bool:
        """Whether it stands in the condition of `if`, `while` or `until`."""
        return self._has_context(16)

    @property
    def is_in_loop(self) -> bool:
        """Whether it stands in the body of a loop."""
        return self._has_context(32)

    @property
    def is_in_branch(self) -> bool:
        """Whether it stands in a branch of `if` or `case`, so that it may not run."""
        return self._has_context(64)

    @property
    def is_in_function(self) -> bool:
        """Whether it stands in a function."""
        return self._has_context(128)

    @property
    def is_in_substitution(self) -> bool:
        """Whether it stands in `$( … )`, backticks, `<( … )` or `>( … )`."""
        return self._has_context(256)

    @property
    def is_negated(self) -> bool:
        """Whether `!` turns its result round."""
        return self._has_context(1024)

    @property
    def is_in_background(self) -> bool:
        """Whether it runs in the background."""
        return self._has_context(2048)

    @property
    def is_exec_form(self) -> bool:
        """Whether it is an exec form: no shell has read its words."""
        return self._has_context(4096)

    @property
    def join(self) -> Join:
        """What joins it to what stands before. The first command in parentheses, in a condition and the like has what
        joins the whole."""
        return _JOINS.get(self._columns.joins[self.index], "none")

    @property
    def join_place(self) -> Place | None:
        """The operator that joins it; nothing where none does."""
        columns = self._columns
        place = self._place(columns.join_starts[self.index], columns.join_ends[self.index])
        return None if self.join == "none" else place

    @property
    def pipeline(self) -> list[Command]:
        """The commands joined by pipes that it is one of, itself included, in order."""
        rows = self.document._commands.pipelines[self._columns.pipelines[self.index]]
        return [self._at(index) for index in rows]

    @property
    def parent(self) -> Command | None:
        """The command whose substitution or whose script holds it."""
        parent = self._columns.parents[self.index]
        return None if parent == NONE else self._at(parent)

    @property
    def script(self) -> Script:
        """The script it stands in."""
        return Script(self.document, self._columns.scripts[self.index])

    @property
    def instruction(self) -> dockerfile.Instruction:
        """The instruction it stands in; for ONBUILD the one that is triggered."""
        return self.script.instruction

    @property
    def stage(self) -> dockerfile.Stage | None:
        """The stage it stands in."""
        return self.script.stage

    @property
    def before(self) -> Iterator[Command]:
        """The commands of its instruction that stand before it, in the order of the text."""
        nodes = self.document._commands.script_nodes
        return map(self._at, range(bisect_left(nodes, nodes[self.index]), self.index))

    @property
    def after(self) -> Iterator[Command]:
        """The commands of its instruction that stand after it, in the order of the text."""
        nodes = self.document._commands.script_nodes
        return map(self._at, range(self.index + 1, bisect_right(nodes, nodes[self.index])))

    @property
    def has_pipefail(self) -> bool:
        """Whether a failure in the middle of a pipe fails the pipe here: the shell is started with `pipefail`, or a `set`
        that stands before in the script turns it on."""
        script = self.script
        sets = (command._sets_pipefail() for command in reversed(list(self.before)) if command.script == script)
        last = next((on for on in sets if on is not None), None)
        return "pipefail" in script.options.split(" ") if last is None else last

    def _sets_pipefail(self) -> bool | None:
        """Whether it is a `set` that turns `pipefail` on, or off."""
        if self.name != "set":
            return None
        words = [word.text or "" for word in self.words]
        pairs = [option for option, value in zip(words, words[1:]) if value == "pipefail"]
        return pairs[-1].startswith("-") if pairs else None

    @property
    def substitutions(self) -> list[Part]:
        """The substitutions that it stands in, the innermost first."""
        parts = self.document._syntax.parts
        firsts, lasts = parts.first_commands, parts.last_commands
        rows = [
            row
            for row, kind in enumerate(parts.kinds)
            if 7 <= kind <= 9 and firsts[row] <= self.index < lasts[row]
        ]
        return [Part(self.document, row) for row in sorted(rows, key=lambda row: lasts[row] - firsts[row])]

    @property
    def compounds(self) -> list[Compound]:
        """The compound commands that it stands in, the innermost first."""
        return [compound for compound in compounds(self.document) if compound.holds(self)][::-1]


def _gives(word: str, name: str) -> bool:
    """Whether an option's word gives the option `name`."""
    if word == name:
        return True
    if name.startswith("--"):
        return word.startswith(f"{name}=")
    bundle = word.removeprefix("-")
    is_bundle = len(bundle) < len(word) and bundle.isascii() and bundle.isalnum()
    return len(name) == 2 and name.startswith("-") and is_bundle and name[1] in bundle


class Word(Row):
    """A word of a command."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.WordColumns:
        return self.document._commands.columns.words

    def _string(self, number: int) -> str | None:
        return self.document._commands.strings.get(number)

    @property
    def text(self) -> str | None:
        """Its text without quotes and escapes; nothing where it holds a variable or a substitution."""
        return self._string(self._columns.values[self.index])

    @property
    def resolved(self) -> str | None:
        """`text`, or what its variables make of it where ARG and ENV of the file tell their values."""
        text = self.text
        return self._string(self._columns.resolved[self.index]) if text is None else text

    @property
    def raw(self) -> str:
        """Its text as the shell gets it, quotes and variables included; empty where it is very long."""
        return self._string(self._columns.raws[self.index]) or ""

    @property
    def place(self) -> Place:
        """Where it stands, through continuations."""
        return self._place(self._columns.starts[self.index], self._columns.ends[self.index])

    @property
    def is_option(self) -> bool:
        """Whether it begins with `-` and has more than that."""
        resolved = self.resolved
        text = self.raw.lstrip("\"'") if resolved is None else resolved
        return len(text) > 1 and text.startswith("-")

    def _has_bits(self, bits: int) -> bool:
        return self._columns.contents[self.index] & bits != 0

    @property
    def is_quoted(self) -> bool:
        """Whether it holds quotes or escapes."""
        return self._has_bits(1)

    @property
    def has_variable(self) -> bool:
        """Whether it holds a variable, or arithmetic."""
        return self._has_bits(2 | 4)

    @property
    def may_split(self) -> bool:
        """Whether it holds a variable or a substitution outside quotes: the shell may make several words of it."""
        return self._has_bits(2 | 8)

    @property
    def has_substitution(self) -> bool:
        """Whether it holds a substitution."""
        return self._has_bits(8 | 16)

    @property
    def is_pattern(self) -> bool:
        """Whether it holds `*`, `?` or `[` outside quotes."""
        return self._has_bits(32)

    @property
    def has_brace_expansion(self) -> bool:
        """Whether it holds `{a,b}` or `{1..3}` outside quotes, which bash makes several words of."""
        return self._has_bits(64)

    def part(self, offset: int, part: str) -> Place:
        """The part of it that equals `part`, at character `offset` of its text; all of it where quotes or escapes keep the
        two apart."""
        whole, raw = self.place, self.raw
        is_literal = self.text == raw and len(raw.encode()) == whole.span.end - whole.span.start
        if not is_literal or not raw.startswith(part, offset):
            return whole
        start = whole.span.start + len(raw[:offset].encode())
        return self._place(start, start + len(part.encode()))

    @property
    def parts(self) -> list[Part]:
        """What it is made of beside plain text, in the order of the text; what stands inside another part follows it."""
        words = self.document._syntax.parts.words
        rows = range(bisect_left(words, self.index), bisect_right(words, self.index))
        return [Part(self.document, row) for row in rows]


class Assignment(Row):
    """An assignment before a command, or instead of one."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.AssignmentColumns:
        return self.document._commands.columns.assignments

    @property
    def name(self) -> str:
        """Name of the variable."""
        return self.document._commands.strings.get(self._columns.names[self.index]) or ""

    @property
    def value(self) -> Word:
        """The value."""
        return Word(self.document, self._columns.words[self.index])

    @property
    def place(self) -> Place:
        """All of it, from the name to the end of the value."""
        return self._place(self._columns.starts[self.index], self.value.place.span.end)


class Redirection(Row):
    """A redirection of a command."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.RedirectionColumns:
        return self.document._commands.columns.redirections

    @property
    def operator(self) -> str:
        """`>`, `>>`, `<<-`, `&>` …"""
        return self.document._commands.strings.get(self._columns.operators[self.index]) or ""

    @property
    def descriptor(self) -> int | None:
        """The file descriptor that is written before the operator."""
        descriptor = self._columns.descriptors[self.index]
        return None if descriptor == NONE else descriptor

    @property
    def target(self) -> Word:
        """What stands after the operator."""
        return Word(self.document, self._columns.words[self.index])

    @property
    def body(self) -> Word | None:
        """The body of a heredoc."""
        index = self._columns.bodies[self.index]
        return None if index == NONE else Word(self.document, index)

    @property
    def place(self) -> Place:
        """All of it, from its first byte to the end of the word after the operator."""
        return self._place(self._columns.starts[self.index], self.target.place.span.end)


class Part(Row):
    """A part of a word: quotes, a variable or a substitution."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.PartColumns:
        return self.document._syntax.parts

    def _string(self, number: int) -> str | None:
        return self.document._commands.strings.get(number)

    @property
    def kind(self) -> PartKind:
        """What it is."""
        return _PARTS.get(self._columns.kinds[self.index], "other")

    @property
    def name(self) -> str | None:
        """Name of the variable: `HOME`, also `1`, `@`, `?`. Nothing for what is no variable."""
        return self._string(self._columns.names[self.index])

    @property
    def operator(self) -> str | None:
        """What `${…}` does with the variable: `:-`, `##`, `/` …; `length` for `${#x}`, `indirect` for `${!x}`."""
        return self._string(self._columns.operators[self.index])

    @property
    def subscript(self) -> str | None:
        """What stands between brackets after the name: `@` in `${x[@]}`."""
        return self._string(self._columns.subscripts[self.index])

    @property
    def resolved(self) -> str | None:
        """The value of the variable as ARG and ENV of the file give it; nothing where the file does not tell."""
        return self._string(self._columns.resolved[self.index])

    @property
    def word(self) -> Word:
        """The word it stands in."""
        return Word(self.document, self._columns.words[self.index])

    @property
    def parent(self) -> Part | None:
        """The part that holds it, as `"…"` holds `$x`."""
        index = self._columns.parents[self.index]
        return None if index == NONE else Part(self.document, index)

    @property
    def is_quoted(self) -> bool:
        """Whether no shell splits what it stands for: it stands in double quotes or in arithmetic."""
        part = self.parent
        while part and part.kind not in ("double-quoted", "translated", "arithmetic"):
            part = part.parent
        return part is not None

    @property
    def is_substitution(self) -> bool:
        """Whether it is a command substitution, in either form."""
        return self.kind in ("commands", "backticks")

    @property
    def commands(self) -> list[Command]:
        """The commands in a substitution, those in its own substitutions included."""
        first, last = self._columns.first_commands[self.index], self._columns.last_commands[self.index]
        return [Command(self.document, index) for index in range(first, last)]

    @property
    def text(self) -> str:
        """Its text in the file."""
        return self.document.text_at(self.place.span)

    @property
    def place(self) -> Place:
        """All of it, with its quotes, `$` and braces."""
        return self._place(self._columns.starts[self.index], self._columns.ends[self.index])


class Compound(Row):
    """A compound command: a loop, a condition, a function, parentheses or braces."""

    __slots__ = ()

    @property
    def _columns(self) -> wit.CompoundColumns:
        return self.document._syntax.compounds

    @property
    def kind(self) -> CompoundKind:
        """What it is."""
        return _COMPOUNDS.get(self._columns.kinds[self.index], "other")

    @property
    def name(self) -> str | None:
        """Name of a loop's variable, or of a function."""
        return self.document._commands.strings.get(self._columns.names[self.index])

    @property
    def words(self) -> list[Word]:
        """The words that a loop goes over; for `case` the one that it compares."""
        first, last = self._columns.first_words[self.index], self._columns.last_words[self.index]
        return [Word(self.document, index) for index in range(first, last)]

    @property
    def commands(self) -> list[Command]:
        """The commands in it, those of its condition and of its words included."""
        first, last = self._columns.first_commands[self.index], self._columns.last_commands[self.index]
        return [Command(self.document, index) for index in range(first, last)]

    def holds(self, command: Command) -> bool:
        """Whether a command stands in it."""
        return self._columns.first_commands[self.index] <= command.index < self._columns.last_commands[self.index]

    @property
    def script(self) -> Script:
        """The script it stands in."""
        return Script(self.document, self._columns.scripts[self.index])

    @property
    def place(self) -> Place:
        """The keyword, operator or name that it begins with."""
        return self._place(self._columns.starts[self.index], self._columns.head_ends[self.index])

    @property
    def whole_place(self) -> Place:
        """All of it, without redirections."""
        return self._place(self._columns.starts[self.index], self._columns.ends[self.index])
