"""Write policies for platc in Python.

`define_policy` says what a policy is; it gets a `Model` to look at, and `Findings` or `Patches` to fill. Give what
it returns the name `Guest` at the top of `policy.py`.

Import everything at the top of a file: a policy's memory is frozen once its modules are loaded, and nothing can be
imported when it runs.

Not here: which kinds and fields a model has. They are those of the language reference.
"""

import json
import traceback
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import log, types
from wit_world.imports import model as host

Location = types.Location
SettingError = types.SettingError

_SEVERITIES = {
    "error": types.Severity.ERROR,
    "warning": types.Severity.WARNING,
    "info": types.Severity.INFO,
}


@dataclass(frozen=True)
class Rule:
    """A rule: what `allow "POLICY/RULE"` names."""

    severity: str
    """The level of its findings where they say nothing else: error, warning or info."""
    summary: str
    """One sentence for lists."""
    kinds: list[str]
    """The kinds that it reads."""
    phases: tuple[str, ...] = ("model",)
    """When it is asked: of the `model`, of `artifacts`."""
    mutates: bool = False
    """Whether it gives patches."""


def on_model(severity: str, summary: str, kinds: list[str]) -> Rule:
    """A rule about the model."""
    return Rule(severity, summary, kinds)


def on_artifacts(severity: str, summary: str, kinds: list[str]) -> Rule:
    """A rule about what will be delivered."""
    return Rule(severity, summary, kinds, ("artifacts",))


def mutation(summary: str, kinds: list[str]) -> Rule:
    """A rule that changes the model and has no findings."""
    return Rule("info", summary, kinds, (), True)


@dataclass(frozen=True)
class Setting:
    """A setting: its type in JSON Schema, its default, and a sentence for people."""

    type: str
    default: Any
    description: str

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        if self.type == "texts":
            # In KDL `kinds service` is a list of one and a text alike, so a list takes its element too.
            text = {"type": "string"}
            own: dict[str, Any] = {"anyOf": [{"type": "array", "items": text}, text]}
        else:
            own = {"type": self.type}
        return own | {"description": self.description, "default": self.default}

    def read(self, value: Any) -> Any:
        """The value, which fits the schema."""
        return [value] if self.type == "texts" and not isinstance(value, list) else value


def boolean(default: bool, description: str) -> Setting:
    """True or false."""
    return Setting("boolean", default, description)


def integer(default: int, description: str) -> Setting:
    """A whole number."""
    return Setting("integer", default, description)


def number(default: float, description: str) -> Setting:
    """A number."""
    return Setting("number", default, description)


def text(default: str, description: str) -> Setting:
    """A text."""
    return Setting("string", default, description)


def texts(default: list[str], description: str) -> Setting:
    """A list of texts."""
    return Setting("texts", default, description)


class Settings:
    """The values of settings, as attributes; `max-age` is `max_age`."""

    def __init__(self, values: dict[str, Any]):
        for name, value in values.items():
            setattr(self, name.replace("-", "_"), value)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the policy declares no setting `{name.replace('_', '-')}`")


@dataclass(frozen=True)
class Row:
    """The values of one node, in the order of the pointers that were asked for."""

    node: int
    values: list[Any]


class Model:
    """What a policy may look at."""

    def select(self, kind: str, paths: list[str]) -> list[Row]:
        """The values at some pointers of all nodes of a kind, in one call: by far the fastest way to read. A
        pointer that leads nowhere gives `None`."""
        return [Row(row[0], row[1:]) for row in json.loads(host.select(kind, paths))]

    def nodes(self, kind: str) -> list[host.Node]:
        """All nodes of a kind, in model order; of every kind for an empty text."""
        return host.nodes(kind)

    def lookup(self, kind: str, name: str) -> Optional[host.Node]:
        """The node of that kind and name."""
        return host.lookup(kind, name)

    def node(self, node: int) -> Optional[host.Node]:
        """The node of that number."""
        return host.by_id(node)

    def name(self, node: int) -> str:
        """The name of a node, for a message; empty for what has none."""
        found = host.by_id(node)
        return "" if found is None else found.name()

    def version(self) -> str:
        """Version of the language that the model is written in."""
        return host.model_version()


def at(node: int, path: str = "", label: Optional[str] = None) -> Location:
    """A place in a node: `at(row.node, "/replicas")`."""
    return Location(node, path, label)


Place = Union[int, Location]


def _located(place: Place) -> Location:
    return at(place) if isinstance(place, int) else place


@dataclass
class Finding:
    """One finding. Its methods add to it."""

    raw: types.Diagnostic

    def severity(self, level: str) -> "Finding":
        """Another level than its rule's."""
        self.raw.severity = _SEVERITIES[level]
        return self

    def help(self, words: str) -> "Finding":
        """The way out."""
        self.raw.help = words
        return self

    def related(self, place: Place, words: str) -> "Finding":
        """Another place, with what is to be said there."""
        found = _located(place)
        self.raw.related.append(Location(found.node, found.path, words))
        return self

    def fix(self, place: Place, value: Any, title: str) -> "Finding":
        """Offers to set a value; `title` says in the imperative what that does."""
        patch = types.Patch(types.PatchOp.SET, _located(place), json.dumps(value), None, self.raw.rule, title)
        self.raw.fixes.append(patch)
        return self

    def data(self, value: Any) -> "Finding":
        """JSON for tools that read findings."""
        self.raw.data = json.dumps(value)
        return self


@dataclass
class Findings:
    """A list to fill."""

    rules: dict[str, Rule]
    found: list[Finding] = field(default_factory=list)

    def report(self, rule: str, place: Place, message: str) -> Finding:
        """Reports that a rule is broken at a place: a node, or a location in one."""
        if rule not in self.rules:
            raise ValueError(f"the policy declares no rule `{rule}`")
        severity = _SEVERITIES[self.rules[rule].severity]
        finding = Finding(types.Diagnostic(rule, severity, message, _located(place), [], None, [], None))
        self.found.append(finding)
        return finding


_UNSAID = object()


@dataclass
class Patches:
    """A list to fill. Each patch addresses the model as it was before any."""

    rules: dict[str, Rule]
    patches: list[types.Patch] = field(default_factory=list)

    def set(self, rule: str, place: Place, value: Any, reason: str, expect: Any = _UNSAID) -> None:
        """Sets a value; `expect` is what the old one must be, `None` for nothing there."""
        self._push(types.PatchOp.SET, rule, place, json.dumps(value), reason, expect)

    def remove(self, rule: str, place: Place, reason: str, expect: Any = _UNSAID) -> None:
        """Takes a value out."""
        self._push(types.PatchOp.REMOVE, rule, place, None, reason, expect)

    def append(self, rule: str, place: Place, value: Any, reason: str) -> None:
        """Adds an element to a list."""
        self._push(types.PatchOp.APPEND, rule, place, json.dumps(value), reason, _UNSAID)

    def _push(
        self, op: types.PatchOp, rule: str, place: Place, value: Optional[str], reason: str, expect: Any
    ) -> None:
        if rule not in self.rules or not self.rules[rule].mutates:
            raise ValueError(f"the policy declares no rule `{rule}` that mutates")
        guard = None if expect is _UNSAID else json.dumps(expect)
        self.patches.append(types.Patch(op, _located(place), value, guard, rule, reason))


def define_policy(
    *,
    name: str,
    version: str,
    rules: dict[str, Rule],
    settings: Optional[dict[str, Setting]] = None,
    configure: Optional[Callable[[Settings], list[SettingError]]] = None,
    validate_model: Optional[Callable[[Model, Settings, Findings], None]] = None,
    validate_artifacts: Optional[Callable[[Model, Settings, Findings], None]] = None,
    mutate: Optional[Callable[[Model, Settings, Patches], None]] = None,
) -> type:
    """Declares the policy. Give what it returns the name `Guest` at the top of `policy.py`."""
    declared = settings or {}

    class Guest(exports.Guest):
        _settings: Optional[Settings] = None

        def describe(self) -> types.Metadata:
            properties = {name: setting.schema() for name, setting in declared.items()}
            schema = {"type": "object", "additionalProperties": False, "properties": properties}
            return types.Metadata(name, version, [_info(*rule) for rule in rules.items()], json.dumps(schema), None)

        def configure(self, settings: str) -> None:
            said = json.loads(settings)
            values = {
                name: own.read(said[name]) if name in said else own.default for name, own in declared.items()
            }
            own = Settings(values)
            errors = _last_words(lambda: configure(own) if configure else [])
            if errors:
                raise Err(errors)
            Guest._settings = own

        def validate(self, phase: types.Phase) -> list[types.Diagnostic]:
            judge = validate_model if phase == types.Phase.MODEL else validate_artifacts
            findings = Findings(rules)
            if judge:
                _last_words(lambda: judge(Model(), Guest._settings, findings))
            return [finding.raw for finding in findings.found]

        def mutate(self) -> list[types.Patch]:
            patches = Patches(rules)
            if mutate:
                _last_words(lambda: mutate(Model(), Guest._settings, patches))
            return patches.patches

    return Guest


def _info(id: str, rule: Rule) -> types.RuleInfo:
    phases = {"model": types.Phase.MODEL, "artifacts": types.Phase.ARTIFACTS}
    return types.RuleInfo(
        id, _SEVERITIES[rule.severity], rule.summary, [phases[phase] for phase in rule.phases], rule.kinds, rule.mutates
    )


def _last_words(work: Callable[[], Any]) -> Any:
    """An exception ends in a trap that says nothing; its words must reach the author by another way."""
    try:
        return work()
    except Exception:
        log.abort(traceback.format_exc().strip())
        raise
