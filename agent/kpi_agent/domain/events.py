"""Things that happen at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RestoreMethod(StrEnum):
    """How a backup was proved; ``verify`` restores nothing and is listed, never counted."""

    FULL = "full"
    PARTIAL = "partial"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class RestoreTest:
    """A backup set really restored and checked, at *at* (epoch seconds). *duration*, *data_age*: seconds or unknown."""

    backup: str
    at: int
    method: RestoreMethod
    is_passed: bool
    duration: int | None = None
    data_age: int | None = None
    source: str = ""

    @property
    def counts(self) -> bool:
        """Whether this proves a restore (indicators.md §7)."""
        return self.method is not RestoreMethod.VERIFY
