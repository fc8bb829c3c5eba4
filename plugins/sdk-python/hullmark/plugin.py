"""A plugin: the rules of one concern, and how a call from the host reaches them."""

from __future__ import annotations

from typing import Callable, Sequence

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import host
from wit_world.imports import types as wit

from . import options as option_module
from .document import Document
from .options import OptionValues
from .project import Project
from .report import Finding
from .rule import Rule
from .tree import Place


def plugin(
    name: str, summary: str, rules: Sequence[Rule], *, version: str = "0.1.0", homepage: str = ""
) -> type[exports.Plugin]:
    """The class that a component must have under the name `Plugin`, in the module that it is made of:

        Plugin = plugin("acme", "What acme asks of its images.", [missing_label.rule, npm_install.rule])
    """

    # Not an attribute of the class below: each call may get an instance of its own.
    values = [OptionValues(rule.options) for rule in rules]

    class Plugin(exports.Plugin):
        def describe(self) -> wit.PluginInfo:
            return wit.PluginInfo(
                name=name,
                version=version,
                summary=summary,
                homepage=homepage,
                options_schema="",
                rules=[rule.describe() for rule in rules],
                properties=[],
            )

        def configure(self, options: str) -> None:
            nonlocal values
            given, faults = option_module.read(rules, options)
            if faults:
                raise Err([wit.OptionError(fault.pointer, fault.message) for fault in faults])
            values = given

        def check(self, document: host.Document, rules: list[int]) -> list[wit.Finding]:
            seen = Document(document)
            return self._each(rules, lambda rule, options: rule.check(seen, options))

        def check_project(self, project: host.Project, rules: list[int]) -> list[wit.Finding]:
            seen = Project(project)
            return self._each(rules, lambda rule, options: rule.check_project(seen, options))

        def _each(
            self, enabled: list[int], run: Callable[[Rule, OptionValues], list[Finding]]
        ) -> list[wit.Finding]:
            found: list[Finding] = []
            # A host that names a rule which does not exist is newer or wrong; either way there is nothing to run.
            for index in (index for index in enabled if index < len(rules)):
                try:
                    found += run(rules[index], values[index])
                except Exception as error:
                    raise Err(_told(rules[index], error)) from None
            return [_finding(finding) for finding in found]

    return Plugin


def _told(rule: Rule, error: Exception) -> str:
    """An exception in one line. Nothing else of it would reach the user."""
    what = f"rule `{rule.name}`: {type(error).__name__}: {error}"
    # Not by the module `traceback`: it reads source files, which do not exist here.
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    if not at:
        return what
    file = at.tb_frame.f_code.co_filename.rsplit("/", 1)[-1]
    return f"{what} ({file}, line {at.tb_lineno})"


def _place(place: Place) -> wit.Place:
    return wit.Place(place.document, wit.Span(place.span.start, place.span.end))


def _finding(finding: Finding) -> wit.Finding:
    fixes = [
        wit.Fix(
            title=fix.title,
            applicability="safe" if fix.is_safe else "unsafe",
            edits=[wit.Edit(_place(at), text) for at, text in fix.edits],
            properties=[],
        )
        for fix in finding.fixes
    ]
    return wit.Finding(
        rule=finding.rule,
        message=finding.message,
        at=_place(finding.at),
        related=[wit.Related(_place(at), message, []) for at, message in finding.related_places],
        fixes=fixes,
        aliases=finding.reporting,
        properties=[wit.Property(name, value) for name, value in finding.properties.items()],
    )
