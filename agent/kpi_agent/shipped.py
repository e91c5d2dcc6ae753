"""Find what travels with the program: templates, profiles, query packs, schemas, units."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """Return the shipped folder of that name: in the package, else in the checkout beside it."""
    packaged = _HERE / "shipped" / folder
    return packaged if packaged.is_dir() else _HERE.parents[1] / folder
