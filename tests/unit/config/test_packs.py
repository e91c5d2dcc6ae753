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
            "{query: 'x)', key: instance}",
            "own.yml:3:14: signals.a.query: expected '{' after x, found ')'; write a selector or a whole expression",
        ),
    ],
)
def test_a_bad_pack_says_what_is_wrong(signal: str, complaint: str) -> None:
    pack, problems = parse_pack(f"pack: own\nsignals:\n  a: {signal}\n".encode(), "own.yml")

    assert pack is None
    assert [str(p) for p in problems] == [complaint]


def test_a_pack_without_signals_is_refused() -> None:
    assert parse_pack(b"pack: own\nsignals: {}\n", "own.yml")[0] is None
