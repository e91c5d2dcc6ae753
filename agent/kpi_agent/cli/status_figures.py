"""Readings as short text for a terminal, cut towards the side that is worse for them (indicators.md)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

_BARS = "▁▂▃▄▅▆▇█"
_DIGITS = {"availability": 3}
_KILOBYTE, _MEGABYTE = 1000, 1_000_000
# Not from domain.time: reading zones costs more than all of this module.
MINUTE, HOUR, DAY = 60, 3600, 86_400


def value_text(item: dict[str, Any]) -> str:
    """Return an objective's actual value: ``86.2 %``, ``3 / 4``, ``2 h 41 min``; a dash when not measured."""
    reading = item["reading"]
    if reading["value"] is None or item["verdict"] == "no_data":
        return "-"
    is_low_worse = item["target_comparison"] == ">="
    if reading["unit"] == "ratio":
        if item["indicator"] == "restore_coverage":
            return f"{reading['numerator']} / {reading['denominator']}"
        exact = Fraction(reading["numerator"], reading["denominator"])
        return f"{percent(exact, _DIGITS.get(item['indicator'], 1), is_rounded_down=is_low_worse)} %"
    if reading["unit"] == "seconds":
        return duration_text(int(Fraction(reading["value"])))
    return str(int(Fraction(reading["value"])))


def percent(value: Fraction, digits: int, *, is_rounded_down: bool) -> str:
    """Return a share as a percentage; a whole one prints without decimals."""
    scaled = value * 100 * 10**digits
    whole = scaled.numerator // scaled.denominator
    if not is_rounded_down and scaled.denominator != 1:
        whole += 1
    text = f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}"
    return text.rstrip("0").rstrip(".") if whole % 10**digits == 0 else text


def duration_text(seconds: int) -> str:
    """Return ``2 h 41 min``, or ``3 d 4 h`` from two days on."""
    if seconds >= 2 * DAY:
        return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
    if seconds >= HOUR:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d} min"
    if seconds >= MINUTE:
        return f"{seconds // MINUTE} min"
    return f"{seconds} s"


def trend_text(item: dict[str, Any]) -> str:
    """Return up to six months as bars; a dot where not measured.

    The scale holds the target too: two months that both keep it by far look alike, whatever their last digit.
    """
    values = [None if v is None else Fraction(v) for v in item["trend"]]
    known = [v for v in values if v is not None]
    if not known:
        return ""
    known.append(Fraction(item["target_value"]))
    low, high = min(known), max(known)
    span = high - low
    return "".join(
        "·" if v is None else _BARS[-1] if not span else _BARS[int((v - low) / span * (len(_BARS) - 1))] for v in values
    )


def age_text(seconds: int) -> str:
    """Return ``12 s``, ``4 min``, ``27 h`` or ``9 d``."""
    for size, unit, upto in ((1, "s", 2 * MINUTE), (MINUTE, "min", 2 * HOUR), (HOUR, "h", 2 * DAY)):
        if seconds < upto:
            return f"{max(0, seconds) // size} {unit}"
    return f"{seconds // DAY} d"


def size_text(count: int) -> str:
    """Return ``41 MB``, ``812 kB``."""
    return f"{count // _MEGABYTE} MB" if count >= 10 * _MEGABYTE else f"{count // _KILOBYTE} kB"
