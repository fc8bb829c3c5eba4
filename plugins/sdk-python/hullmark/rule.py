"""A rule: one named condition with its metadata."""

from __future__ import annotations

from typing import Callable, Literal, Sequence, TypeVar

from wit_world.imports import types as wit

from . import options as option_module
from .dockerfile import Dockerfile, Instruction, Stage
from .document import Container, Document, Object, Pod
from .options import Option, OptionValues
from .project import Project
from .report import Finding, Report
from .shell import Command

Level = Literal["note", "warning", "error"]
"""How much a finding weighs: worth knowing, should be mended, must be mended."""

Precision = Literal["very-high", "high", "medium", "low"]
"""How sure a finding is: follows from the text alone; wrong only in rare set-ups; depends on what the rule cannot see; a
hint."""

_HEADINGS = ("What it checks", "Why it matters", "Flagged", "Accepted", "How to fix")
_COMMANDED = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
"""Instructions that hold commands."""

T = TypeVar("T")
Function = Callable[[T, Report], None]
_DocumentCheck = Callable[[Document, Report], None]
_ProjectCheck = Callable[[Project, Report], None]


class Rule:
    """One named condition with its metadata, declared once in the file that is named after it:

        \"\"\"A sentence on what is bad.

        ## What it checks
        …
        \"\"\"

        rule = Rule(__name__, __doc__, level="error")

        @rule.command
        def check(command: Command, report: Report) -> None:
            …

    The documentation carries a summary sentence, a blank line, and the headings "What it checks", "Why it matters",
    "Flagged", "Accepted", "How to fix" and, where there is something to say, "Options", "Other tools" and "References".
    """

    def __init__(
        self,
        module: str,
        docs: str | None,
        *,
        level: Level = "warning",
        enabled: bool = True,
        tags: Sequence[str] = (),
        security_severity: str | None = None,
        precision: Precision = "very-high",
        aliases: Sequence[str] = (),
        references: Sequence[str] = (),
        fragments: bool = False,
        options: Sequence[Option] = (),
        since: str = "0.1.0",
    ) -> None:
        self.name = module.rsplit(".", 1)[-1].replace("_", "-")
        """Name in kebab case: that of the file."""
        summary, _, explanation = (docs or "").strip().partition("\n\n")
        self.summary = " ".join(summary.split())
        self.explanation = explanation.strip()
        self.level = level
        """Level where nothing else is configured."""
        self.enabled = enabled
        """Whether it is on where nothing is selected."""
        self.tags = list(tags)
        """Free words; `security` brings the rule among the security alerts."""
        self.security_severity = security_severity
        """A decimal from 0.1 to 10.0, for rules tagged `security`."""
        self.precision = precision
        self.aliases = list(aliases)
        """Names that other tools give to the condition."""
        self.references = list(references)
        """URLs of the specification or guide that the rule follows."""
        self.fragments = fragments
        """Whether it also holds for fragments (Kustomize patches), where absence means nothing."""
        self.options = list(options)
        self.since = since
        """The plugin version that brought it."""
        self._subjects: set[str] = set()
        self._document_checks: list[_DocumentCheck] = []
        self._project_checks: list[_ProjectCheck] = []
        lines = self.explanation.splitlines()
        missing = [heading for heading in _HEADINGS if f"## {heading}" not in lines]
        if missing:
            raise ValueError(f"the documentation of the rule `{self.name}` has no heading `## {missing[0]}`")

    def _on_document(self, subjects: Sequence[str], check: _DocumentCheck) -> None:
        self._subjects.update(subjects)
        self._document_checks.append(check)

    def instruction(self, *names: str) -> Callable[[Function[Instruction]], Function[Instruction]]:
        """Every instruction of these names, triggers of ONBUILD left out."""

        def declare(function: Function[Instruction]) -> Function[Instruction]:
            def check(document: Document, report: Report) -> None:
                for instruction in Dockerfile(document).instructions if document.is_dockerfile else ():
                    if instruction.name in names and report.options.leaves(instruction.stage):
                        function(instruction, report)

            self._on_document([f"dockerfile:{name}" for name in names], check)
            return function

        return declare

    def stage(self, function: Function[Stage]) -> Function[Stage]:
        """Every stage."""

        def check(document: Document, report: Report) -> None:
            for stage in Dockerfile(document).chosen_stages(report.options) if document.is_dockerfile else ():
                function(stage, report)

        self._on_document(["dockerfile"], check)
        return function

    def command(self, function: Function[Command]) -> Function[Command]:
        """Every command of RUN, CMD, ENTRYPOINT and HEALTHCHECK, see `Dockerfile.commands`."""

        def check(document: Document, report: Report) -> None:
            for command in Dockerfile(document).commands if document.is_dockerfile else ():
                if report.options.leaves(command.stage):
                    function(command, report)

        self._on_document([f"dockerfile:{name}" for name in _COMMANDED], check)
        return function

    def dockerfile(self, function: Function[Dockerfile]) -> Function[Dockerfile]:
        """Every Dockerfile."""

        def check(document: Document, report: Report) -> None:
            if document.is_dockerfile:
                function(Dockerfile(document), report)

        self._on_document(["dockerfile"], check)
        return function

    def container(self, function: Function[Container]) -> Function[Container]:
        """Every container of every pod: init containers, sidecars and ephemeral containers included."""

        def check(document: Document, report: Report) -> None:
            for pod in document.pods:
                for container in pod.containers:
                    function(container, report)

        self._on_document(["workload"], check)
        return function

    def pod(self, function: Function[Pod]) -> Function[Pod]:
        """Every pod that a workload describes."""

        def check(document: Document, report: Report) -> None:
            for pod in document.pods:
                function(pod, report)

        self._on_document(["workload"], check)
        return function

    def object(self, *kinds: str) -> Callable[[Function[Object]], Function[Object]]:
        """Every object of these kinds; of every kind where there is none."""

        def declare(function: Function[Object]) -> Function[Object]:
            def check(document: Document, report: Report) -> None:
                for each in document.objects:
                    if not kinds or each.kind in kinds:
                        function(each, report)

            self._on_document([f"manifest:{kind}" for kind in kinds] or ["manifest"], check)
            return function

        return declare

    def project(self, function: Function[Project]) -> Function[Project]:
        """All documents together."""
        return self._on_project("project", function)

    def manifests(self, function: Function[Project]) -> Function[Project]:
        """All documents together, for a rule that reports in manifests only: it costs nothing where none is checked."""
        return self._on_project("project:manifest", function)

    def dockerfiles(self, function: Function[Project]) -> Function[Project]:
        """All documents together, for a rule that reports in Dockerfiles only."""
        return self._on_project("project:dockerfile", function)

    def _on_project(self, subject: str, function: Function[Project]) -> Function[Project]:
        self._subjects.add(subject)
        self._project_checks.append(function)
        return function

    def describe(self) -> wit.Rule:
        """What crosses to the host."""
        return wit.Rule(
            name=self.name,
            summary=self.summary,
            explanation=self.explanation,
            level=self.level,
            enabled=self.enabled,
            tags=self.tags,
            security_severity=self.security_severity,
            precision=self.precision,
            aliases=self.aliases,
            references=self.references,
            subjects=sorted(self._subjects),
            fragments=self.fragments,
            options_schema=option_module.schema(self.options),
            since=self.since,
            properties=[],
        )

    def check(self, document: Document, options: OptionValues) -> list[Finding]:
        """What it finds in a document."""
        report = Report(self.name, options)
        for check in self._document_checks:
            check(document, report)
        return report.findings

    def check_project(self, project: Project, options: OptionValues) -> list[Finding]:
        """What it finds in the project."""
        report = Report(self.name, options)
        for check in self._project_checks:
            check(project, report)
        return report.findings
