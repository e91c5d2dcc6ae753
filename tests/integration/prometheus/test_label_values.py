"""A thousand hostile label values: each selects its own series on a real server, and nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.query import build_query
from kpi_agent.collectors.signals import host_of
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.promql import Matcher, NotASelector, parse_matchers
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import Interval
from lab.prometheus import Past, running_prometheus
from lab.victoriametrics import running_victoriametrics

START = 1_748_736_000  # 2025-06-01 00:00 UTC
WINDOW = Interval(START, START + 120)
COUNT = 1000
MOST_SECONDS = 30
PLAIN = Signal("up", "fuzz_up", "host", every=60)
EXPRESSION = Signal("up", "max by (host) (fuzz_up{job!='$matchers',$matchers})", "host", every=60)
PIECES = [
    *"\"\\{}()[]|.*+?^$,=~!`'#:;/<>&%@-_ ",
    *("\n", "\r", "\t", "\x0b", "\x01", "\x7f", "\u2028", "\ufeff", "\u202e", "e\u0301", "é", "ß", "Ω", "漢", "🦊"),
    *("acme", "globex", "0", "NaN", "true", "null", "or", "and", "unless", "by", "offset 1w", "[5m]", "\\n", '\\"'),
    *(" or vector(1)", '"} or vector(1) or fuzz_up{customer="', '"} or decoy_up{a!="', "'} or decoy_up{a!='", "\\"),
    *(
        '",customer=~".*',
        '"}[1y:1s]',
        '"})) or ((decoy_up{a="',
        "`} or decoy_up or x{a=`",
        "# \n or decoy_up",
        "{{ x }}",
    ),
    *("$matchers", "{$matchers}", "${matchers}", "%s", "{0}", ".*", ".+", "acme|globex", "(a+)+$", "[^a]", "^", "$"),
    *("x" * 300, '"' * 50, "\\" * 51),
]
ALONE = ["acme", "globex", "acme ", " acme", "ACME", ".*", ".+", "|", "\\", "\\\\", '"', "'", "\n", "y" * 15_000, "0"]


def hostile_values(count: int, seed: int) -> list[str]:
    """Return *count* different values: the plain traps, then random joints of what breaks queries."""
    chance = random.Random(seed)
    values = dict.fromkeys(ALONE)
    while len(values) < count:
        values["".join(chance.choices(PIECES, k=chance.randint(1, 6)))] = None
    return list(values)


VALUES = hostile_values(COUNT, 4)
HOST_OF = {value: f"host{n}" for n, value in enumerate(VALUES)}
UP = [(START + t, 1) for t in (0, 60, 120)]
PAST = [
    *(Past("fuzz_up", {"customer": v, "host": h}, UP) for v, h in HOST_OF.items()),
    Past("fuzz_up", {"host": "nobody's"}, UP),
    Past("decoy_up", {"customer": "acme", "host": "decoy"}, UP),
]


@pytest.fixture(scope="module", params=[running_prometheus, running_victoriametrics])
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with request.param(tmp_path_factory.mktemp("server"), PAST) as url:
        yield Prometheus(PrometheusSource("main", url))


def written(value: str, quote: str) -> str:
    """Return the matcher as a contract's author writes it, in one of PromQL's two kinds of quotes."""
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")
    return f"customer={quote}{escaped}{quote}"


def hosts(prometheus: Prometheus, signal: Signal, matcher: str) -> set[str]:
    return set(prometheus.observe(signal, matcher, WINDOW).lines)


@pytest.mark.parametrize("signal", [PLAIN, EXPRESSION], ids=["selector", "expression"])
def test_each_value_selects_its_own_series_and_nothing_else(prometheus: Prometheus, signal: Signal) -> None:
    began = time.monotonic()

    wrong = {
        value: found
        for n, (value, host) in enumerate(HOST_OF.items())
        if (found := hosts(prometheus, signal, written(value, "\"'"[n % 2]))) != {host}
    }

    assert wrong == {}
    assert time.monotonic() - began < MOST_SECONDS


def test_values_chosen_together_or_left_out_are_those(prometheus: Prometheus) -> None:
    chance = random.Random(5)
    for _ in range(20):
        chosen = chance.sample(VALUES[15:], 10)
        without = ",".join(str(Matcher("customer", "!=", value)) for value in chosen)
        assert hosts(prometheus, PLAIN, without) == {*HOST_OF.values(), "nobody's"} - {HOST_OF[v] for v in chosen}


def test_the_empty_value_selects_what_has_no_such_label(prometheus: Prometheus) -> None:
    assert hosts(prometheus, PLAIN, 'customer=""') == {"nobody's"}
    assert hosts(prometheus, PLAIN, "") == {*HOST_OF.values(), "nobody's"}


def test_a_value_written_without_escapes_is_refused_or_only_narrows(prometheus: Prometheus) -> None:
    refused, narrowed = 0, 0
    for value in VALUES:
        text = f'customer="{value}"'
        try:
            matchers = parse_matchers(text)
        except NotASelector:
            refused += 1
            with pytest.raises(SourceRejected, match="no list of label matchers"):
                build_query(PLAIN, text)
            continue
        narrowed += 1
        query = build_query(PLAIN, text)
        assert query.is_plain
        assert query.text == f"fuzz_up{{{','.join(dict.fromkeys(map(str, matchers)))}}}"
        assert parse_matchers(query.text.removeprefix("fuzz_up{").removesuffix("}")) == tuple(dict.fromkeys(matchers))
    assert refused > 100
    assert narrowed > 100


def test_each_value_that_comes_back_names_its_own_line(prometheus: Prometheus) -> None:
    with_port = [value for value in VALUES if host_of(value) != value]  # cut off, it may be another host's name
    others = ",".join(str(Matcher("customer", "!=", value)) for value in ["", *with_port])

    seen = prometheus.observe(Signal("up", "fuzz_up", "customer", every=60), others, WINDOW)

    assert set(seen.lines) == set(VALUES) - set(with_port)
    assert len(with_port) < COUNT // 50


def test_the_values_hold_what_the_test_is_about() -> None:
    assert len(set(VALUES)) == COUNT
    for piece in PIECES:
        assert any(piece in value for value in VALUES)
