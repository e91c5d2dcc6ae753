"""The kinds of value that keys take: each is read by one of our readers and described for editors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, TypeVar

from kpi_agent.config.scalars import (
    Duration,
    did_you_mean,
    read_address,
    read_count,
    read_currency,
    read_date,
    read_day_or_time,
    read_days,
    read_decimal,
    read_duration,
    read_endpoint,
    read_flag,
    read_percentage,
    read_slug,
    read_span,
    read_text,
    read_time,
    read_timezone,
    read_wall_time,
)
from kpi_agent.config.spec import Reads
from kpi_agent.config.targets import TargetText, read_target

E = TypeVar("E", bound=StrEnum)

Text = Annotated[str, Reads(read_text, {"type": ["string", "number"]})]
Slug = Annotated[str, Reads(read_slug, {"type": ["string", "number"], "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"})]
Flag = Annotated[bool, Reads(read_flag, {"type": "boolean"})]
Count = Annotated[int, Reads(read_count, {"type": "integer", "minimum": 0})]
Money = Annotated[Decimal, Reads(read_decimal, {"type": ["number", "string"], "minimum": 0})]
Number = Annotated[Decimal, Reads(read_decimal, {"type": ["number", "string"], "minimum": 0})]
Span = Annotated[Duration, Reads(read_span, {"type": "string", "pattern": "^(0|[1-9][0-9]*)(s|m|h|d)$"})]
Days = Annotated[Duration, Reads(read_days, {"type": "string", "pattern": "^(0|[1-9][0-9]*)d$"})]
LimitText = Annotated[Duration, Reads(read_duration, {"type": "string", "pattern": "^(0|[1-9][0-9]*)(s|m|h|d|wd)$"})]
Percentage = Annotated[Fraction, Reads(read_percentage, {"type": ["string", "number"]})]
Day = Annotated[date, Reads(read_date, {"type": "string", "format": "date"})]
Clock = Annotated[time, Reads(read_time, {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"})]
WallTime = Annotated[
    datetime,
    Reads(read_wall_time, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{1,2}:[0-9]{2}$"}),
]
DayOrTime = Annotated[datetime, Reads(read_day_or_time, {"type": "string"})]
Timezone = Annotated[str, Reads(read_timezone, {"type": "string"})]
Address = Annotated[str, Reads(read_address, {"type": "string"})]
Endpoint = Annotated[str, Reads(read_endpoint, {"type": "string"})]
Currency = Annotated[str, Reads(read_currency, {"type": "string", "pattern": "^[A-Z]{3}$"})]
TargetValue = Annotated[TargetText, Reads(read_target, {"type": "string", "pattern": "^(>=|<=)"})]


def one_of(*names: str) -> Reads:
    """Return the annotation of a text that must be one of *names*."""

    def read(value: object) -> str:
        text = read_text(value)
        if text not in names:
            raise ValueError(f"'{text}' is not possible here{did_you_mean(text, names)}")
        return text

    return Reads(read, {"enum": list(names)})


def member_of(kind: type[E]) -> Reads:
    """Return the annotation of a member of an enumeration, written as its value."""
    read_name: Callable[[object], object] = one_of(*kind).reader
    return Reads(lambda value: kind(str(read_name(value))), {"enum": [str(member) for member in kind]})
