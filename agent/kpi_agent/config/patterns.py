"""Date formats and file name patterns: strptime directives, proved by writing an instant and reading it back."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_POSSIBLE = "YymdHIMSfpz"
_OF_CELLS = "ba"  # names of months and weekdays, in any of the languages that exports are written in
_EPOCH = {"%s", "%Q"}  # seconds and milliseconds since 1970
_DAY = (("year", "Yy"), ("month", "mb"), ("day", "d"))
_HOUR = (("hour", "HI"),)
# Each part of this instant differs from every other and from its default, so that a lost or swapped one shows.
_PROBE = datetime(2031, 11, 23, 17, 42, 58, tzinfo=UTC)


def check_date_format(pattern: str) -> None:
    """Return when *pattern* reads a day and an hour; raises ValueError with what to write."""
    if pattern not in _EPOCH:
        _check(pattern, _DAY + _HOUR, "%d/%m/%Y %H:%M", possible=_POSSIBLE + _OF_CELLS)


def check_name_pattern(pattern: str) -> None:
    """Return when *pattern* reads a day from a file's name; raises ValueError with what to write."""
    if "/" in pattern:
        raise ValueError(f"'{pattern}' holds a folder; write the pattern of the file name alone")
    _check(pattern, _DAY, "desk-%Y-%m-%dT%H%M.csv")


def _check(pattern: str, wanted: tuple[tuple[str, str], ...], example: str, possible: str = _POSSIBLE) -> None:
    found = [d for d in _DIRECTIVE.findall(pattern) if d != "%"]
    for directive in found:
        if directive not in set(possible) or found.count(directive) > 1:
            known = " ".join(f"%{d}" for d in possible)
            raise ValueError(f"'%{directive}' in '{pattern}' cannot be read; write once each of {known}")
    for part, directives in wanted:
        if not set(directives) & set(found):
            raise ValueError(f"'{pattern}' does not tell the {part}; write such as {example}")
    if "I" in found and "p" not in found:
        raise ValueError(f"'{pattern}' does not tell morning from afternoon; write %H, or %I with %p")
    try:
        again = datetime.strptime(_PROBE.strftime(pattern), pattern)  # noqa: DTZ007 - only the round trip counts
    except ValueError as error:
        raise ValueError(f"'{pattern}' cannot read back what it writes; write such as {example}") from error
    if again.date() != _PROBE.date() or ("H" in found and again.hour != _PROBE.hour):
        raise ValueError(f"'{pattern}' reads back another instant than it writes; write such as {example}")
