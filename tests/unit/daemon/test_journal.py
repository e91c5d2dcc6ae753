import logging
from collections.abc import Callable
from pathlib import Path

from kpi_agent.daemon.journal import JournalFormatter, describe, fields
from kpi_agent.domain.errors import InvalidConfiguration
from kpi_agent.domain.problem import Problem


def record(text: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("kpi_agent", level, __file__, 1, text, None, None)


def caught(call: Callable[[], object]) -> Exception:
    try:
        call()
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what the test looks at
        return error
    raise AssertionError


def test_text_in_a_record_cannot_forge_a_second_line() -> None:
    assert JournalFormatter(is_prefixed=True).format(record("worked\n<2>forged")) == "<6>worked <2>forged"


def test_levels_become_syslog_priorities() -> None:
    lines = [
        JournalFormatter(is_prefixed=True).format(record("x", level))
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
    ]

    assert lines == ["<7>x", "<6>x", "<4>x", "<3>x", "<2>x"]


def test_fields_quote_what_would_be_read_as_several() -> None:
    assert fields(why="due", seconds=1.84, status='two "words"', empty="", left_out=None) == (
        r'why=due seconds=1.8 status="two \"words\"" empty=""'
    )


def test_our_own_errors_are_shown_in_full_on_one_line() -> None:
    error = InvalidConfiguration([Problem("a.yml", "unknown key 'hots'", 3, 1), Problem("a.yml", "no contract")])

    assert describe(error) == "a.yml:3:1: unknown key 'hots'; a.yml: no contract"


def test_the_text_of_foreign_errors_is_not_shown_because_secrets_travel_in_it() -> None:
    def connect() -> None:
        raise ConnectionError("https://run:tr0ub4dor@prometheus.example/ refused")

    shown = describe(caught(connect))

    assert shown.startswith("ConnectionError, test_journal.py:")
    assert "tr0ub4dor" not in shown


def test_the_words_of_the_system_are_shown() -> None:
    shown = describe(caught(lambda: Path("/nonexistent/file").read_text()))

    assert shown.startswith("FileNotFoundError, No such file or directory: /nonexistent/file, ")
