from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.collectors.query import build_query
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.promql import Matcher, NotASelector, Selector, parse_matchers, parse_selector
from kpi_agent.domain.source import Signal


def test_a_selector_is_read_into_its_parts() -> None:
    selector = parse_selector(' probe_success{job="blackbox", service=~"por.*" ,} ')

    assert selector == Selector("probe_success", (Matcher("job", "=", "blackbox"), Matcher("service", "=~", "por.*")))
    assert str(selector) == 'probe_success{job="blackbox",service=~"por.*"}'


def test_a_bare_metric_is_a_selector() -> None:
    assert str(parse_selector("up")) == "up"
    assert str(parse_selector("up{}")) == "up"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "max(up)",
        'up{job="a"} or up{job="b"}',
        'up{job="a"}[5m]',
        'up{job="a"} offset 5m',
        "up == 1",
        "up{job}",
        'up{job="a" env="b"}',
        'up{job="a}',
        r'up{job="\q"}',
        "42",
        "up{job=`a`}",
    ],
)
def test_anything_else_is_no_selector(text: str) -> None:
    with pytest.raises(NotASelector):
        parse_selector(text)


@given(st.text())
def test_no_label_value_leaves_its_quotes(value: str) -> None:
    matcher = Matcher("customer", "=", value)

    assert parse_matchers(str(matcher)) == (matcher,)
    assert "\n" not in str(matcher)


@given(st.text(max_size=40) | st.from_regex(r"[a-z]{1,3}\{[a-z]=~?\"[^\"]{0,9}\",?\}", fullmatch=True))
def test_what_the_parser_takes_for_a_selector_means_the_same_when_printed(text: str) -> None:
    with suppress(NotASelector):  # the only way out for any other text
        selector = parse_selector(text)
        assert parse_selector(str(selector)) == selector


def test_a_plain_selector_gets_the_matchers_as_values() -> None:
    query = build_query(Signal("up", 'up{job="node"}', "instance"), 'customer="acme", env!~"dev.*"')

    assert query.text == 'up{job="node",customer="acme",env!~"dev.*"}'
    assert query.is_plain


def test_a_matcher_that_stands_already_is_not_repeated() -> None:
    assert build_query(Signal("up", 'up{customer="acme"}', "instance"), 'customer="acme"').text == 'up{customer="acme"}'


@pytest.mark.parametrize(
    ("query", "matcher", "sent"),
    [
        ("max by (instance) (up{$matchers})", 'customer="acme"', 'max by (instance) (up{customer="acme"})'),
        ('max(up{job="node",$matchers})', "", 'max(up{job="node"})'),
        ('max(up{$matchers, job="node"})', "", 'max(up{ job="node"})'),
        ('max(up{a="b", $matchers, c="d"})', "", 'max(up{a="b", c="d"})'),
        ('max(up{a="b", $matchers, c="d"})', 'e="f"', 'max(up{a="b", e="f", c="d"})'),
        ('max(up{a="$matchers",$matchers})', 'e="f"', 'max(up{a="$matchers",e="f"})'),
    ],
)
def test_an_expression_gets_the_matchers_where_it_says_so(query: str, matcher: str, sent: str) -> None:
    built = build_query(Signal("up", query, "instance"), matcher)

    assert built.text == sent
    assert not built.is_plain
    assert not built.notes


def test_a_selector_may_say_where_the_matchers_go() -> None:
    built = build_query(Signal("up", "up{$matchers}", "instance"), 'customer="acme"')

    assert built.text == 'up{customer="acme"}'
    assert built.is_plain


def test_an_expression_without_a_place_for_the_matchers_is_told_of() -> None:
    built = build_query(Signal("up", "max(up)", "instance"), 'customer="acme"')

    assert built.text == "max(up)"
    assert "the contract's matcher does not apply" in built.notes[0]


@pytest.mark.parametrize("matcher", ['customer="acme"} or up{a="b"', "acme", 'a="b"}', '"', 'a="b" c="d"'])
def test_a_matcher_that_is_none_is_refused(matcher: str) -> None:
    with pytest.raises(SourceRejected, match="no list of label matchers"):
        build_query(Signal("up", "up", "instance"), matcher)


def test_matchers_outside_braces_are_refused() -> None:
    with pytest.raises(SourceRejected, match="outside the braces"):
        build_query(Signal("up", "sum(up) $matchers", "instance"), 'customer="acme"')
