"""Headers of an export → normalised fields, by the aliases of a profile (inputs.md consequence 3)."""

from __future__ import annotations

import html
from collections.abc import Mapping

from kpi_agent.collectors.tickets.faults import listed, refusal
from kpi_agent.domain.source import Profile
from kpi_agent.domain.words import fold

MILESTONES = ("opened", "assigned", "started", "responded", "replied", "resolved", "closed")
"""Fields that hold an instant that happens once, in the order in which things happen."""

DATES = (*MILESTONES, "settled", "reopened", "updated")
"""Fields that hold an instant."""


def header_key(header: str) -> str:
    """Return the form in which two headers are equal: no case, accents, HTML entities or white space."""
    return fold(html.unescape(header)).replace(" ", "")


def alias_keys(profile: Profile) -> frozenset[str]:
    """Return the keys of every header that the profile knows."""
    return frozenset(header_key(alias) for column in profile.columns.values() for alias in column.aliases)


def find_columns(header: tuple[str, ...], profile: Profile, file: str, line: int | None = None) -> Mapping[str, int]:
    """Return the column index of each normalised field that the file has.

    The first alias that is a header wins; a repeated header means its first column. Where no alias is a header, the one
    header whose name after ``Group - `` is an alias is taken. Raises ExportRefused naming every required field without
    a column, what its header may be, and the headers that the file has.
    """
    whole: dict[str, int] = {}
    bare: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        whole.setdefault(header_key(name), index)
        _, separator, last = name.rpartition(" - ")
        if separator:
            bare.setdefault(header_key(last), []).append(index)
    found: dict[str, int] = {}
    for field, column in profile.columns.items():
        keys = [header_key(alias) for alias in column.aliases]
        exact = next((whole[k] for k in keys if k in whole), None)
        if exact is None:
            # Two groups with that name (of the ticket, of its problems) would be a guess.
            exact = next((bare[k][0] for k in keys if len(bare.get(k, ())) == 1), None)
        if exact is not None:
            found[field] = exact
    missing = [field for field in profile.required if field not in found]
    if missing:
        wanted = "; ".join(
            f"`columns.{field}` expects {listed(list(profile.columns[field].aliases))}"
            if field in profile.columns
            else f"`columns.{field}` is not in the profile"
            for field in missing
        )
        has = listed([h for h in header if h])
        raise refusal(file, f"columns of profile {profile.name} are missing: {wanted}; the file has {has}", line)
    return found
