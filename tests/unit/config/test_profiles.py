import pytest

from kpi_agent.config.profiles import parse_profile
from kpi_agent.domain.source import DeskFlag, Profile
from kpi_agent.domain.ticket import Basis, HoldReason, Kind, State

WHOLE = """\
profile: own
columns: {id: [ID, Numéro], opened: [Date d'ouverture], updated: [Dernière modification]}
required: [id, opened]
dates: ["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"]
states: {new: [Nouveau], waiting: ["En\u00a0attente"], resolved: [Résolu]}
kinds: {incident: [Incident], request: [Demande]}
default_kind: request
priorities: {P1: [Très haute, Majeure], P3: [Moyenne]}
hold_reasons: {customer: [Attente client]}
booleans: {true: [Oui, true], false: [Non, false]}
durations: {86400: [jours], 60: [minutes]}
event_log: {at: updated, working: [in_progress]}
cannot_tell: [responded]
truncation: [10000]
nulls: ["?", NULL]
delimiters: ";,\\t"
fallback_encoding: latin-1
hold_basis: wall
multi_value: "<br>"
desk_flag: breached
"""

_COUNT = "own.yml:4:13: durations.60s: '60s' is no whole number; write plain digits without a leading 0, such as 25"

SMALL = 'profile: own\ncolumns: {id: [ID], opened: [Opened]}\ndates: ["%Y-%m-%d %H:%M"]\n'


def good(text: str) -> Profile:
    profile, problems = parse_profile(text.encode(), "own.yml")
    assert profile is not None, "\n".join(str(p) for p in problems)
    return profile


def complaints(text: str) -> list[str]:
    profile, problems = parse_profile(text.encode(), "own.yml")
    assert profile is None
    return [str(p) for p in problems if not p.is_advice]


def test_words_are_folded_and_headers_kept() -> None:
    profile = good(WHOLE)

    assert profile.columns["id"].aliases == ("ID", "Numéro")
    assert profile.states == {"nouveau": State.NEW, "en attente": State.WAITING, "resolu": State.RESOLVED}
    assert profile.kinds == {"incident": Kind.INCIDENT, "demande": Kind.REQUEST}
    assert profile.priorities == {"tres haute": "P1", "majeure": "P1", "moyenne": "P3"}
    assert profile.hold_reasons == {"attente client": HoldReason.CUSTOMER}
    assert profile.booleans == {"oui": True, "true": True, "non": False, "false": False}
    assert profile.duration_words == {"jours": 86400, "minutes": 60}
    assert profile.nulls == {"", "?", "null"}


def test_all_other_keys_arrive() -> None:
    profile = good(WHOLE)

    assert (profile.default_kind, profile.delimiters, profile.fallback_encoding) == (Kind.REQUEST, ";,\t", "latin-1")
    assert (profile.hold_basis, profile.multi_value, profile.truncation) == (Basis.WALL, "<br>", (10000,))
    assert profile.event_log is not None
    assert (profile.event_log.at, profile.event_log.working) == ("updated", frozenset({State.IN_PROGRESS}))
    assert (profile.cannot_tell, profile.desk_flag, profile.file) == (
        frozenset({"responded"}),
        DeskFlag.BREACHED,
        "own.yml",
    )


def test_a_small_profile_has_the_usual_rest() -> None:
    profile = good(SMALL)

    assert (profile.default_kind, profile.delimiters, profile.desk_flag) == (
        Kind.INCIDENT,
        ";,\t¤|",
        DeskFlag.MET,
    )
    assert profile.event_log is None


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (
            "states: {new: [Ouvert], closed: [OUVERT]}\n",
            "own.yml:4:34: states.closed[0]: 'OUVERT' stands under 'new' and under 'closed'; keep it under one",
        ),
        (
            "durations: {60: [m], 1: [M]}\n",
            "own.yml:4:26: durations.1[0]: 'M' stands under '60' and under '1'; keep it under one",
        ),
        (
            "states: {newt: [Ouvert]}\n",
            "own.yml:4:10: states.newt: 'newt' is not possible here; did you mean 'new'?",
        ),
        ("states: {new: ['']}\n", "own.yml:4:16: states.new[0]: is empty; write a word"),
        ("booleans: {yes: [Oui]}\n", "own.yml:4:12: booleans.yes: 'yes' is not possible here; known: false, true"),
        (
            "required: [id, resolved]\n",
            "own.yml:4:16: required[1]: 'resolved' is required, but columns names no header for it",
        ),
        ("event_log: {at: updated}\n", "own.yml:4:17: event_log.at: columns names no header for 'updated'"),
        (
            "fallback_encoding: cp1525\n",
            "own.yml:4:20: fallback_encoding: unknown encoding 'cp1525'; write such as cp1252",
        ),
        ("durations: {60s: [m]}\n", _COUNT),
        ("state: {new: [New]}\n", "own.yml:4:1: state: unknown key 'state'; did you mean 'states'?"),
    ],
)
def test_a_bad_profile_says_what_is_wrong(more: str, complaint: str) -> None:
    assert complaints(SMALL + more) == [complaint]


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (
            "{id: [ID], opened: [Créé le], resolved: [CREE LE]}",
            "own.yml:2:51: columns.resolved[0]: 'CREE LE' would fill 'opened' and 'resolved'; keep it under one",
        ),
        (
            "{id: [ID], title: [Ticket], opened: [Opened, ticket]}",
            "own.yml:2:55: columns.opened[1]: 'ticket' would fill 'title' and 'opened'; keep it under one",
        ),
    ],
)
def test_a_header_of_two_fields_is_refused(columns: str, complaint: str) -> None:
    assert complaints(f'profile: own\ncolumns: {columns}\ndates: ["%Y-%m-%d %H:%M"]\n') == [complaint]


def test_one_column_may_be_two_signs_of_a_response() -> None:
    text = SMALL.replace("{id:", "{responded: [First], replied: [First], id:")

    assert good(text).columns["replied"].aliases == ("First",)


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        (
            "priorities: {P1: [High]}\n",
            (
                "own.yml:4:1: priorities: without effect: columns names no header for 'priority'; "
                "add it, or leave this out"
            ),
        ),
        (
            "units: {time_spent: minutes}\n",
            "own.yml:4:21: units.time_spent: without effect: columns names no header for 'time_spent'; add it",
        ),
    ],
)
def test_words_without_a_column_are_remarked(more: str, advice: str) -> None:
    profile, problems = parse_profile((SMALL + more).encode(), "own.yml")

    assert profile is not None
    assert [(str(p), p.is_advice) for p in problems] == [(advice, True)]


def test_a_header_written_twice_and_a_state_without_words_are_remarked() -> None:
    text = 'profile: own\ncolumns: {id: [ID, ID], opened: [O], state: [S]}\ndates: ["%Y-%m-%d %H:%M"]\n'
    profile, problems = parse_profile(text.encode(), "own.yml")

    assert profile is not None
    assert [str(p) for p in problems] == [
        "own.yml:2:20: columns.id[1]: 'ID' stands twice; keep one",
        "own.yml:2:38: columns.state: `states` holds no word, so every row would be rejected; add its words",
    ]


def test_dates_and_columns_are_checked() -> None:
    text = 'profile: own\ncolumns: {id: [ID], opend: [Opened], opened: []}\ndates: ["%d/%m %H:%M"]\n'

    assert complaints(text) == [
        "own.yml:2:21: columns.opend: 'opend' is not possible here; did you mean 'opened'?",
        "own.yml:3:9: dates[0]: '%d/%m %H:%M' does not tell the year; write such as %d/%m/%Y %H:%M",
    ]
