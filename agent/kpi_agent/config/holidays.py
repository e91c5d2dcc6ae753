"""Public holidays of a country, by date, worked out year by year when first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache

import holidays as library

from kpi_agent.config.scalars import did_you_mean

# Moselle is 57 in the library, and the two departments of Alsace share one entry: 6AE.
_ALIASES = {("FR", "67"): "6AE", ("FR", "68"): "6AE"}


class PublicHolidays(Mapping[date, str]):
    """Names of the holidays by date. Iterating gives those of the years that were asked for so far."""

    def __init__(self, country: str, subdivision: str | None, language: str) -> None:
        self._country = country
        self._subdivision = subdivision
        self._language = _library_language(country, language)
        self._years: dict[int, dict[date, str]] = {}

    def year(self, number: int) -> Mapping[date, str]:
        """Return the holidays of one year."""
        if number not in self._years:
            found = library.country_holidays(
                self._country, subdiv=self._subdivision, years=number, expand=False, language=self._language
            )
            self._years[number] = {day: name for day, name in sorted(found.items()) if day.year == number}
        return self._years[number]

    def __getitem__(self, day: date) -> str:
        return self.year(day.year)[day]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in self.year(day.year)

    def __iter__(self) -> Iterator[date]:
        return (day for number in sorted(self._years) for day in self._years[number])

    def __len__(self) -> int:
        return sum(len(days) for days in self._years.values())


def public_holidays(code: str, language: str) -> PublicHolidays:
    """Return the holidays of ``FR`` or ``FR-57``, named in *language* where possible; raises ValueError for others."""
    country, dash, subdivision = (part.strip() for part in code.partition("-"))
    known = _countries()
    if country not in known:
        raise ValueError(f"unknown country '{country}' for holidays{did_you_mean(country, sorted(known))}")
    if not dash:
        return PublicHolidays(country, None, language)
    subdivision = _ALIASES.get((country, subdivision), subdivision)
    if subdivision not in known[country]:
        hint = did_you_mean(subdivision, known[country])
        raise ValueError(f"'{subdivision}' has no holidays of its own in {country}, write {country}{hint}")
    return PublicHolidays(country, subdivision, language)


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    return {name: tuple(parts) for name, parts in library.list_supported_countries(include_aliases=False).items()}


def _library_language(country: str, language: str) -> str | None:
    """Return the library's code for fr or en in that country, None (the country's own names) when it has none."""
    spoken = getattr(library.country_holidays(country), "supported_languages", ())
    return next((code for code in spoken if code == language or code.startswith(f"{language}_")), None)
