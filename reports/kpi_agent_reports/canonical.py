"""The canonical form of a document: exactly these bytes are frozen, hashed and chained (interface.md §5)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from kpi_agent.domain.time import to_utc_text

FORMATS = ("txt", "html", "json", "csv", "xlsx", "pdf", "eml")
"""What a document can be rendered as; JSON is the document itself."""

DIGITS = 18
"""Decimals of a document are cut after this many digits, toward zero."""


def decimal_text(value: Fraction) -> str:
    """Return an exact value as a decimal cut toward zero at 18 digits, without trailing zeros or exponent.

    23/24 is ``0.958333333333333333``, 1 is ``1``; what is cut away to nothing is ``0``, never ``-0``.
    """
    whole, rest = divmod(abs(value.numerator) * 10**DIGITS // value.denominator, 10**DIGITS)
    digits = f"{rest:0{DIGITS}d}".rstrip("0")
    sign = "-" if value < 0 and (whole or rest) else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def optional_decimal(value: Fraction | None) -> str | None:
    """Return :func:`decimal_text`, None of None."""
    return None if value is None else decimal_text(value)


def optional_utc_text(instant: int | None) -> str | None:
    """Return ``2026-10-31T23:00:00Z``, None of None."""
    return None if instant is None else to_utc_text(instant)


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """Return the document as UTF-8 JSON with sorted keys, no spaces and one final newline.

    Raises ValueError when a float hides in it: its text would depend on who wrote it.
    """
    _refuse_floats(document, "document")
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8")


def sha256_of(document: Mapping[str, Any]) -> str:
    """Return the hexadecimal SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def _refuse_floats(value: object, where: str) -> None:
    if isinstance(value, float):
        # A float is a broken promise of the builder, not a wrong type handed in by a reader.
        raise ValueError(f"{where} is the float {value!r}; a document holds integers and decimal text only")  # noqa: TRY004
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_floats(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_floats(item, f"{where}[{index}]")
