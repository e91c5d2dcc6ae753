"""What stands for a person's name: keyed, and unlinkable once the key of its year is destroyed (decisions.md §7)."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_agent.collectors.tickets.rows import Pseudonym
from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.time import to_local, zone
from kpi_agent.domain.words import fold

_LINE = re.compile(r"(\S+) (\d{4}) ([0-9a-f]{64})\Z", re.ASCII)
_KEPT_MONTHS = 13
_OWNER_ONLY = 0o600

Keys = dict[tuple[str, int], str]


class Pseudonyms:
    """The keys of one file, a line each: source, year, 64 hexadecimal digits. New ones are added when first needed."""

    def __init__(self, file: Path, *, now: int) -> None:
        """*now*, in epoch seconds, says which keys are past their time: 13 months after the end of their year."""
        self._file = file
        self._now = now
        self._keys: Keys = {}

    def of(self, source: str, timezone: str) -> Pseudonym:
        """Return what gives the pseudonym of a name at an instant: of one source and year, one name has one.

        It gives None for a year whose key is destroyed: a new key would make another person of the same one. It raises
        ExportRefused when the file of the keys cannot be used.
        """
        tz = zone(timezone)

        def pseudonym(name: str, at: int) -> str | None:
            year = to_local(at, tz).year
            if self._is_past(year):
                return None
            if (source, year) not in self._keys:
                self._keys = self._with_key(source, year)
            key = bytes.fromhex(self._keys[source, year])
            return hmac.new(key, fold(name).encode(), hashlib.sha256).hexdigest()[:16]

        return pseudonym

    def destroy_past(self) -> None:
        """Destroy the keys that are past their time; raises ExportRefused when the file cannot be used."""
        if not self._file.exists():
            return
        with self._locked() as keys:
            kept = {place: key for place, key in keys.items() if not self._is_past(place[1])}
            if len(kept) < len(keys):
                self._write(kept)
            self._keys = kept

    def _is_past(self, year: int) -> bool:
        today = to_local(self._now, zone("UTC"))
        return (today.year - year - 1) * 12 + today.month - 1 >= _KEPT_MONTHS

    def _with_key(self, source: str, year: int) -> Keys:
        with self._locked() as keys:
            if (source, year) in keys:  # another process made it meanwhile
                return keys
            more = keys | {(source, year): secrets.token_hex(32)}
            self._write(more)
            return more

    @contextmanager
    def _locked(self) -> Iterator[Keys]:
        """Yield the keys while no other process may change them."""
        try:
            handle = os.open(self._file.with_name(f"{self._file.name}.lock"), os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        except OSError as error:
            raise self._refusal(f"cannot be locked: {error.strerror}; check the folder's owner and mode") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield self._read()
        finally:
            os.close(handle)

    def _read(self) -> Keys:
        try:
            text = self._file.read_text(encoding="ascii")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise self._refusal("cannot be read as a file of keys; name another key_file, or restore it") from error
        found = {}
        for number, line in enumerate(text.splitlines(), start=1):
            told = _LINE.match(line)
            if told is None:
                raise self._refusal("is no key: source, year, 64 hexadecimal digits; restore the file", number)
            found[told[1], int(told[2])] = told[3]
        return found

    def _write(self, keys: Keys) -> None:
        """Replace the file as a whole: a lost key would make another person of everyone."""
        fresh = self._file.with_name(f".{self._file.name}.new")
        text = "".join(f"{source} {year} {key}\n" for (source, year), key in sorted(keys.items()))
        try:
            fresh.unlink(missing_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._file)
        except OSError as error:
            raise self._refusal(f"cannot be written: {error.strerror}; check the folder's owner and mode") from error

    def _refusal(self, message: str, line: int | None = None) -> ExportRefused:
        return ExportRefused((Problem(str(self._file), message, line),))
