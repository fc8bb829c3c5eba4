"""Options of rules: declared once, from which follow their JSON Schema, their checking and their values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Iterator, Sequence

if TYPE_CHECKING:
    from .dockerfile import Stage
    from .rule import Rule


@dataclass(frozen=True, slots=True)
class OptionFault:
    """Something wrong with given options."""

    pointer: str
    """JSON Pointer into what was given."""
    message: str
    """One sentence."""


@dataclass(frozen=True)
class Option:
    """One option of a rule."""

    name: str
    default: Any
    help: str
    _schema: dict[str, Any]
    _takes: str
    """What it takes, for messages."""
    _fits: Callable[[Any], bool]
    """Whether it takes a value, or the items of a list, or the values of a mapping."""
    _items: str = ""
    """What it takes as items, for messages; empty for what is neither a list nor a mapping."""

    STAGES: ClassVar[Option]
    """Which stages of a Dockerfile a rule looks at. Instructions, stages and commands are held to it before a rule sees
    them; what stands before the first FROM is always seen, and so is all that a rule on whole files is given."""
    IMAGES: ClassVar[Option]
    """Dockerfiles that build images whose names do not tell so, for `Project.builds`."""

    @classmethod
    def flag(cls, name: str, default: bool, help: str) -> Option:
        """`True` or `False`."""
        return cls(name, default, help, {"type": "boolean"}, "`true` or `false`", lambda value: isinstance(value, bool))

    @classmethod
    def integer(cls, name: str, default: int, least: int, help: str) -> Option:
        """A whole number, not below `least`."""

        def fits(value: Any) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and value >= least

        schema = {"type": "integer", "minimum": least}
        return cls(name, default, help, schema, f"a whole number, {least} at least", fits)

    @classmethod
    def text(cls, name: str, default: str, help: str) -> Option:
        """Any text."""
        return cls(name, default, help, {"type": "string"}, "a text", _is_text)

    @classmethod
    def choice(cls, name: str, default: str, of: Sequence[str], help: str) -> Option:
        """One of a few words."""
        schema = {"type": "string", "enum": list(of)}
        return cls(name, default, help, schema, f"one of {_quoted(of)}", lambda value: value in of)

    @classmethod
    def texts(cls, name: str, default: Sequence[str], help: str) -> Option:
        """A list of texts."""
        schema = {"type": "array", "items": {"type": "string"}}
        return cls(name, list(default), help, schema, "a list of texts", _is_text, "a list of texts")

    @classmethod
    def words(cls, name: str, default: Sequence[str], of: Sequence[str], help: str) -> Option:
        """A list of some of a few words."""
        schema = {"type": "array", "items": {"type": "string", "enum": list(of)}}
        takes = f"a list of words of {_quoted(of)}"
        return cls(name, list(default), help, schema, takes, lambda value: value in of, f"words of {_quoted(of)}")

    @classmethod
    def map(cls, name: str, help: str) -> Option:
        """A mapping of texts to texts, empty by default."""
        schema = {"type": "object", "additionalProperties": {"type": "string"}}
        return cls(name, {}, help, schema, "a mapping of texts to texts", _is_text, "texts as values")

    @classmethod
    def choices(cls, name: str, of: Sequence[str], help: str) -> Option:
        """A mapping of texts to one of a few words each, empty by default."""
        schema = {"type": "object", "additionalProperties": {"type": "string", "enum": list(of)}}
        takes = f"one of {_quoted(of)}"
        fits: Callable[[Any], bool] = lambda value: value in of
        return cls(name, {}, help, schema, f"a mapping of texts to {takes}", fits, f"{takes} as values")

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {**self._schema, "default": self.default, "description": self.help}

    def faults(self, value: Any) -> Iterator[tuple[str, str]]:
        """What is wrong with a value: pointers below it, with a sentence each."""
        below: Iterator[tuple[str, Any]]
        if isinstance(self.default, list) and isinstance(value, list):
            below = ((str(index), item) for index, item in enumerate(value))
        elif isinstance(self.default, dict) and isinstance(value, dict):
            below = ((_escape(key), item) for key, item in value.items())
        else:
            if self._items or not self._fits(value):
                yield "", f"`{self.name}` takes {self._takes}"
            return
        for key, item in below:
            if not self._fits(item):
                yield f"/{key}", f"`{self.name}` takes {self._items}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _escape(key: str) -> str:
    """A key as a part of a JSON Pointer."""
    return key.replace("~", "~0").replace("/", "~1")


Option.STAGES = Option.choice(
    "stages",
    "all",
    ["all", "shipped", "final"],
    "which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
)
Option.IMAGES = Option.map(
    "images",
    "repositories of images, each with the path of the Dockerfile that builds it, where names do not tell",
)


def schema(options: Sequence[Option]) -> str:
    """JSON Schema of a rule's options; empty where it has none."""
    if not options:
        return ""
    properties = {option.name: option.schema for option in options}
    return json.dumps({"type": "object", "additionalProperties": False, "properties": properties}, ensure_ascii=False)


class OptionValues:
    """The values of one rule's options. Asking for an option that the rule does not declare is a `KeyError`."""

    __slots__ = ("_values",)

    def __init__(self, options: Sequence[Option]) -> None:
        self._values: dict[str, Any] = {option.name: option.default for option in options}

    def set(self, name: str, value: Any) -> None:
        """Sets what was given."""
        self._values[name] = value

    def flag(self, name: str) -> bool:
        """Value of a flag."""
        return bool(self._values[name])

    def integer(self, name: str) -> int:
        """Value of a whole number."""
        return int(self._values[name])

    def text(self, name: str) -> str:
        """Value of a text or choice."""
        return str(self._values[name])

    def texts(self, name: str) -> list[str]:
        """Values of a list."""
        return list(self._values[name])

    def entries(self, name: str) -> dict[str, str]:
        """Entries of a mapping."""
        return dict(self._values[name])

    def leaves(self, stage: Stage | None) -> bool:
        """Whether a stage is among those that `Option.STAGES` leaves; every one is for a rule without that option."""
        chosen = self._values.get(Option.STAGES.name, "all")
        return stage is None or chosen == "all" or stage.is_final or (chosen == "shipped" and stage.is_shipped)

    @property
    def images(self) -> dict[str, str]:
        """Entries of `Option.IMAGES`; none for a rule without that option."""
        return dict(self._values.get(Option.IMAGES.name, {}))


def read(rules: Sequence[Rule], given: str) -> tuple[list[OptionValues], list[OptionFault]]:
    """Reads the options of all rules of a plugin: `{"plugin": {…}, "rules": {"<rule>": {…}}}`. Gives values, and all
    faults, each with its pointer."""
    values = [OptionValues(rule.options) for rule in rules]
    faults: list[OptionFault] = []
    try:
        by_rule = (json.loads(given) if given.strip() else {}).get("rules", {})
    except ValueError as error:
        return values, [OptionFault("", str(error))]
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    for name, options in by_rule.items():
        pointer = f"/rules/{_escape(name)}"
        if name not in numbers:
            faults.append(OptionFault(pointer, f"there is no rule `{name}`"))
            continue
        if not isinstance(options, dict):
            faults.append(OptionFault(pointer, "options are a mapping"))
            continue
        declared = {option.name: option for option in rules[numbers[name]].options}
        for key, value in options.items():
            at = f"{pointer}/{_escape(key)}"
            if key not in declared:
                known = f"; it has {_quoted(list(declared))}" if declared else " nor any other"
                faults.append(OptionFault(at, f"`{name}` has no option `{key}`{known}"))
                continue
            wrong = [OptionFault(at + below, message) for below, message in declared[key].faults(value)]
            faults += wrong
            if not wrong:
                values[numbers[name]].set(key, value)
    return values, faults
