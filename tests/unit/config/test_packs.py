import pytest

from kpi_agent.config.packs import parse_pack
from kpi_agent.domain.source import Combine, QueryPack, Signal
from kpi_agent.domain.time import HOUR, MINUTE


def test_a_pack_with_all_its_keys() -> None:
    text = (
        "pack: own\nsignals:\n"
        "  fresh: {query: 'mtime_seconds{file=~\".*/apt[.]prom\"}', key: instance, combine: any, every: 15m,"
        " fresh_within: 48h, labels: [method], description: whether the file is new}\n"
        "  rate: {query: 'sum by (instance) (rate(x_total[5m]))', key: instance}\n"
    )
    fresh = Signal(
        "fresh",
        'mtime_seconds{file=~".*/apt[.]prom"}',
        "instance",
        Combine.ANY,
        15 * MINUTE,
        48 * HOUR,
        ("method",),
        "whether the file is new",
    )

    pack, problems = parse_pack(text.encode(), "own.yml")

    assert problems == ()
    assert pack == QueryPack(
        "own", (fresh, Signal("rate", "sum by (instance) (rate(x_total[5m]))", "instance")), "own.yml"
    )


@pytest.mark.parametrize(
    ("signal", "complaint"),
    [
        (
            "{query: up or vector(0), key: instance}",
            "own.yml:3:14: signals.a.query: 'or vector(\u2026)' turns missing data into a value; leave it out",
        ),
        (
            "{query: up OR on() vector( 1 ), key: instance}",
            "own.yml:3:14: signals.a.query: 'or vector(\u2026)' turns missing data into a value; leave it out",
        ),
        (
            "{key: instance}",
            "own.yml:3:3: signals.a: required key 'query' is missing; write query: node_reboot_required",
        ),
        ("{query: up}", "own.yml:3:3: signals.a: required key 'key' is missing; write key: instance"),
        (
            "{query: up, key: instance, combine: avg}",
            "own.yml:3:42: signals.a.combine: 'avg' is not possible here; known: all, any, max, sum",
        ),
        (
            "{query: up, key: a, absent: zero}",
            "own.yml:3:34: signals.a.absent: nothing proves that what is not exported is 0; write fresh: too",
        ),
        (
            "{query: up, key: instance, fresh: [b]}",
            "own.yml:3:41: signals.a.fresh[0]: 'b' is no other signal of this pack; none is declared",
        ),
        (
            "{query: up, key: instance, values: {debian 12: 2028-06-30}}",
            "own.yml:3:33: signals.a.values: no label says which value is meant; write labels: [id, version_id]",
        ),
        (
            "{query: up, key: instance, labels: [id], values: {debian: soon}}",
            "own.yml:3:64: signals.a.values.debian: 'soon' is no date; write year-month-day, such as 2026-12-24",
        ),
        (
            "{query: up, key: instance, age: true, fresh_within: 1h}",
            "own.yml:3:38: signals.a.age: an age is no instant that fresh_within could be counted from; keep one",
        ),
        (
            "{query: 'x)', key: instance}",
            "own.yml:3:14: signals.a.query: expected '{' after x, found ')'; write a selector or a whole expression",
        ),
    ],
)
def test_a_bad_pack_says_what_is_wrong(signal: str, complaint: str) -> None:
    pack, problems = parse_pack(f"pack: own\nsignals:\n  a: {signal}\n".encode(), "own.yml")

    assert pack is None
    assert [str(p) for p in problems] == [complaint]


def test_a_pack_whose_signals_lean_on_each_other() -> None:
    text = (
        "pack: own\nsignals:\n"
        "  pending: {query: pending, key: instance, fresh: [alive], absent: zero}\n"
        "  alive: {query: alive, key: instance}\n"
        "  age: {query: age, key: stanza, age: true}\n"
        "  end: {query: os, key: instance, labels: [id, version], values: {debian 12: 2028-06-30}}\n"
    )

    pack, problems = parse_pack(text.encode(), "own.yml")

    assert problems == ()
    assert pack is not None
    pending, alive, age, end = pack.signals
    assert (pending.fresh, pending.is_absence_zero) == (("alive",), True)
    assert (alive.fresh, alive.is_absence_zero, alive.is_age) == ((), False, False)
    assert age.is_age
    assert end.values == {"debian 12": 1_846_022_400}  # 2028-07-01 00:00 UTC
    assert pack.line_of(pending) == "own/pending"


def test_a_pack_without_signals_is_refused() -> None:
    assert parse_pack(b"pack: own\nsignals: {}\n", "own.yml")[0] is None
