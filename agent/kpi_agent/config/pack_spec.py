"""A query pack as written: signals that belong together, one PromQL each."""

from __future__ import annotations

from typing import Annotated, ClassVar

from kpi_agent.config.fields import Day, Flag, Slug, Span, Text, member_of, one_of
from kpi_agent.config.spec import Spec, key
from kpi_agent.domain.source import Combine
from kpi_agent.strictyaml import Path


class SignalSpec(Spec):
    """One line of values per key."""

    query: Text = key("PromQL: a selector is read raw, other expressions on a grid", "node_reboot_required")
    key_label: Text = key("label that names the host or backup set", "instance", alias="key")
    combine: Annotated[Combine, member_of(Combine)] | None = key(
        "how several series of one key become one", "max", None
    )
    every: Span | None = key("interval of the samples; without it, found", "15m", None)
    fresh_within: Span | None = key("the value is an instant: 1 while it is at most so old, else 0", "48h", None)
    age: Flag = key("the value is an age in seconds: the instant that it means is kept", "true", default=False)
    labels: tuple[Text, ...] = key("further labels that are kept", ["method"], ())
    values: dict[Text, Day] = key(
        "the value by a glob of the labels, joined by a space: a day, kept as the instant of its end (UTC)",
        {"debian 12": "2028-06-30"},
        {},
    )
    fresh: tuple[Text, ...] = key(
        "signals of this pack: believed while the first is 1 and no other is 0", ["package_data_fresh"], ()
    )
    absent: Annotated[str, one_of("zero", "unknown")] = key(
        "what it means when a key of fresh data is not exported", "zero", "unknown"
    )
    description: Text = key("what it says", "1 while an installed update waits for a reboot", "")


class PackSpec(Spec):
    """Signals that belong together: one exporter, or one convention."""

    parts: ClassVar[frozenset[Path]] = frozenset({("signals",)})

    pack: Slug = key("name of the pack", "node")
    signals: dict[Slug, SignalSpec] = key(
        "signals by name", {"reboot_required": {"query": "node_reboot_required", "key": "instance"}}
    )
