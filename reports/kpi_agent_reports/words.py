"""What a document says, in French or English: messages, numbers, dates and durations; nothing else formats a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from kpi_agent.domain.time import Period, to_local, zone
from kpi_agent_reports.catalogue import NO_BREAK, translations_for
from kpi_agent_reports.durations import duration_text, limit_parts

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_PATTERNS = {0: "#,##0", 1: "#,##0.0", 3: "#,##0.000"}
MINUS = "\u2212"


class Words:
    """The voice of one report: a language and a time zone. Every method returns text ready to be shown."""

    def __init__(self, language: str, timezone: str) -> None:
        """*language* is ``fr`` or ``en`` (else KeyError), *timezone* an IANA name."""
        self.language = language
        self.tz = zone(timezone)
        self._translations = translations_for(language)
        self._locale = Locale.parse(_LOCALES[language])

    def say(self, message: str, **fields: str) -> str:
        """Return the whole message in this language; fields are already text."""
        text = self._translations.gettext(message)
        return text.format(**fields) if fields else text

    def count(self, one: str, many: str, n: int, **fields: str) -> str:
        """Return the singular or plural message for n things; ``{n}`` is n as text."""
        return self._translations.ngettext(one, many, n).format(n=self.number(n), **fields)

    def listed(self, items: Sequence[str]) -> str:
        """Return ``a, b and c``."""
        return format_list(list(items), locale=self._locale)

    def number(self, value: int) -> str:
        """Return a count with its thousands apart."""
        return format_decimal(value, format="#,##0", locale=self._locale).replace("-", MINUS)

    def sample(self, n: int) -> str:
        """Return how many things stand behind a figure: ``n = 6``, never broken over two lines."""
        return f"n{NO_BREAK}={NO_BREAK}{self.number(n)}"

    def decimal(self, value: Fraction, digits: int, *, is_floored: bool) -> str:
        """Return a value cut down or up at *digits*; an exact one is shorter: 75, but 95.0 for what was 95.06."""
        scaled = value * 10**digits
        cut = floor(scaled) if is_floored else ceil(scaled)
        exact = scaled == cut
        shown = Decimal(cut).scaleb(-digits)
        if exact and shown == shown.to_integral_value():
            return self._plain(shown, 0)
        return self._plain(shown.normalize() if exact else shown, None if exact else digits)

    def _plain(self, value: Decimal, digits: int | None) -> str:
        pattern = "#,##0.###" if digits is None else _PATTERNS[digits]
        text = format_decimal(value, format=pattern, locale=self._locale, decimal_quantization=False)
        return text.replace("-", MINUS)

    def percent(self, ratio: Fraction, *, digits: int = 1, is_floored: bool = True) -> str:
        """Return a ratio as a percentage, cut towards the side that is worse: floored where more is better."""
        text = self.decimal(ratio * 100, digits, is_floored=is_floored)
        return f"{text}{NO_BREAK}%" if self.language == "fr" else f"{text}%"

    def points(self, difference: Fraction, *, digits: int = 1) -> str:
        """Return a signed difference of ratios in percentage points, cut toward zero: ``+0,02``, ``−4,8``."""
        cut = floor(abs(difference) * 100 * 10**digits)
        shown = self._plain(Decimal(cut).scaleb(-digits).normalize(), None)
        return f"{MINUS if difference < 0 else '+'}{shown}"

    def money(self, amount: Fraction, currency: str) -> str:
        """Return an amount with two digits and its currency's code: ``1 234,50 EUR``."""
        cents = Decimal(ceil(amount * 100)).scaleb(-2)
        return f"{format_decimal(cents, format='#,##0.00', locale=self._locale)}{NO_BREAK}{currency}"

    def duration(self, seconds: int | Fraction, *, is_rounded_up: bool = True, has_days: bool = False) -> str:
        """Return a duration (durations.py)."""
        return duration_text(seconds, self.language, is_rounded_up=is_rounded_up, has_days=has_days)

    def limit(self, text: str, seconds: int) -> str:
        """Return a contractual duration in its own units (``3wd``: three working days), else in seconds' words."""
        parts = limit_parts(text)
        if parts is None:
            return self.duration(seconds)
        return " ".join(self._limit_part(n, unit) for n, unit in parts)

    def _limit_part(self, n: int, unit: str) -> str:
        if unit == "wd":
            return self.count("{n} working day", "{n} working days", n)
        if unit == "d":
            return self.count("{n} day", "{n} days", n)
        return f"{self.number(n)}{NO_BREAK}{ {'s': 's', 'm': 'min', 'h': 'h'}[unit] }"

    def day(self, value: date, *, has_year: bool = False) -> str:
        """Return ``1er octobre 2026``, ``14 October``."""
        text = format_date(value, "d MMMM yyyy" if has_year else "d MMMM", locale=self._locale)
        first = value.day == 1 and self.language == "fr"
        return (text.replace("1 ", "1er ", 1) if first else text).replace(" ", NO_BREAK, 1)

    def short_day(self, value: date) -> str:
        """Return ``14 oct.``, ``14 Oct``."""
        return format_date(value, "d MMM", locale=self._locale).replace(" ", NO_BREAK)

    def clock(self, moment: datetime) -> str:
        """Return a wall time: ``7 h 00``, ``07:00``."""
        return f"{moment.hour}{NO_BREAK}h{NO_BREAK}{moment:%M}" if self.language == "fr" else f"{moment:%H:%M}"

    def wall(self, text: str) -> str:
        """Return a wall time written ``08:00`` as :meth:`clock` writes it."""
        return self.clock(datetime.strptime(text, "%H:%M"))  # noqa: DTZ007 - a wall time has no zone

    def moment(self, instant: int, *, has_year: bool = False) -> str:
        """Return an instant in the zone of the report: ``3 novembre à 7 h 00``."""
        local = to_local(instant, self.tz)
        return self.say("{day} at {time}", day=self.day(local.date(), has_year=has_year), time=self.clock(local))

    def short_moment(self, instant: int) -> str:
        """Return ``14 oct. 9 h 12``, ``14 Oct 09:12``."""
        local = to_local(instant, self.tz)
        return f"{self.short_day(local.date())} {self.clock(local)}"

    def weekday(self, number: int) -> str:
        """Return the name of a weekday, 0 is Monday."""
        return str(self._locale.days["stand-alone"]["wide"][number])

    def period(self, period: Period) -> str:
        """Return the period's name: ``octobre 2026``, ``semaine 44 de 2026``, ``4e trimestre 2026``."""
        if "-W" in period.id:
            year, week = period.id.split("-W")
            return self.say("week {week} of {year}", week=str(int(week)), year=year)
        if "-Q" in period.id:
            year, quarter = period.id.split("-Q")
            ordinal = {"fr": "er" if quarter == "1" else "e", "en": ""}[self.language]
            return self.say("quarter {quarter} of {year}", quarter=quarter + ordinal, year=year)
        return format_date(period.first_day, "LLLL yyyy", locale=self._locale)

    def short_period(self, period: Period) -> str:
        """Return the period's name without its year where the year is plain: ``octobre``."""
        if "-W" in period.id or "-Q" in period.id:
            return self.period(period)
        return format_date(period.first_day, "LLLL", locale=self._locale)

    def column_period(self, period: Period) -> str:
        """Return the name for a narrow column: ``oct.``, ``S44``."""
        if "-W" in period.id or "-Q" in period.id:
            return period.id.split("-")[1]
        return format_date(period.first_day, "LLL", locale=self._locale)


def capitalised(text: str) -> str:
    """Return the text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]
