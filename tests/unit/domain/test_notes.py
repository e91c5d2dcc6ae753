"""What people write of a period: sections by their headings, boxes followed from one period to the next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.domain.notes import (
    HEADINGS,
    Asked,
    Became,
    Carried,
    Note,
    Section,
    asked_in,
    carried_over,
    notes_of,
    still_asked,
)

ACTIONS, DECISIONS = Section.ACTIONS, Section.DECISIONS


def actions(*lines: str) -> tuple[Note, ...]:
    return (Note(ACTIONS, "Actions", "\n".join(lines)),)


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("# Highlights", Section.HIGHLIGHTS),
        ("## faits MARQUANTS ##", Section.HIGHLIGHTS),
        ("### Causes", Section.CAUSES),
        ("# Décisions", DECISIONS),
        ("#\tDecisions", DECISIONS),
        ("# Actions", ACTIONS),
        ("# Visite", Section.OTHER),
    ],
)
def test_a_heading_says_what_follows_in_either_language(heading: str, section: Section) -> None:
    (note,) = notes_of(f"{heading}\n\nSaid.\n")

    assert (note.section, note.text) == (section, "Said.")


def test_what_stands_before_any_heading_is_a_highlight_without_a_title() -> None:
    assert notes_of("One.\n\nTwo.\n# Causes\nThree.") == (
        Note(Section.HIGHLIGHTS, "", "One.\n\nTwo."),
        Note(Section.CAUSES, "Causes", "Three."),
    )


@pytest.mark.parametrize("line", ["#Causes", "#### Causes", " # Causes", "Causes", "#"])
def test_what_is_no_heading_is_text(line: str) -> None:
    assert [n.text for n in notes_of(f"{line}\nSaid.")] == [f"{line}\nSaid."]


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_line_of_code_is_no_heading_whatever_it_begins_with(fence: str) -> None:
    other = "~~~" if fence == "```" else "```"
    (note, after) = notes_of(f"{fence}sh\n# Causes\n{other}\n# Actions\n{fence}\n# Actions\nSaid.")

    assert note.section is Section.HIGHLIGHTS
    assert (after.section, after.text) == (ACTIONS, "Said.")


@pytest.mark.parametrize(("opening", "closing"), [("  ```", "```"), ("```", "   ```"), ("~~~", " ~~~")])
def test_a_fence_may_be_indented(opening: str, closing: str) -> None:
    assert [n.section for n in notes_of(f"{opening}\n# Causes\n{closing}\n# Actions\nSaid.")] == [
        Section.HIGHLIGHTS,
        ACTIONS,
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_headings_that_are_written_are_those_that_are_read(language: str) -> None:
    text = "\n".join(f"# {heading}\nsaid" for heading in HEADINGS[language].values())

    assert [note.section for note in notes_of(text)] == list(HEADINGS[language])
    assert {HEADINGS[language][s] for s in (Section.CAUSES, ACTIONS)} == {"Causes", "Actions"}


@pytest.mark.parametrize(("one", "other"), [("Plan to", "Plan"), ("Do not", "Do"), ("a b", "ab"), ("1.5", "15")])
def test_other_words_are_another_thing(one: str, other: str) -> None:
    earlier = (Asked(ACTIONS, one, is_done=False, since="2026-09"),)

    assert carried_over(earlier, actions(f"- [x] {other}"))[0].became is Became.UNTOLD


def test_a_section_that_says_nothing_is_none() -> None:
    assert notes_of("# Causes\n\n  \n# Actions\n") == ()
    assert notes_of("") == ()


@given(st.lists(st.sampled_from(["# Causes", "# Actions", "# Own", "said", "", "- [ ] do", "```", "~~~"]), max_size=30))
def test_nothing_that_was_written_is_lost(lines: list[str]) -> None:
    kept = [line for note in notes_of("\n".join(lines)) for line in note.text.splitlines()]

    assert kept.count("said") == lines.count("said")
    assert kept.count("- [ ] do") == lines.count("- [ ] do")


def test_boxes_of_decisions_and_actions_are_asked_and_no_others() -> None:
    text = "- [ ] open\n* [x] done\n  + [X] nested\n- plain\n- [y] no box\n- []\n-[ ] no item"
    notes = tuple(Note(section, "", text) for section in Section)

    assert list(asked_in(notes, "2026-10")) == [
        Asked(section, what, is_done, "2026-10")
        for section in (DECISIONS, ACTIONS)
        for what, is_done in (("open", False), ("done", True), ("nested", True))
    ]


def test_what_was_open_is_done_open_or_not_told_about() -> None:
    earlier = (
        Asked(ACTIONS, "Long done", is_done=True, since="2026-07"),
        Asked(ACTIONS, "Replace web06", is_done=False, since="2026-08"),
        Asked(ACTIONS, "Test archives", is_done=False, since="2026-09"),
        Asked(DECISIONS, "Renew", is_done=False, since="2026-09"),
    )

    found = carried_over(earlier, actions("- [x] replace  WEB06.", "- [ ] Test archives", "- [ ] Renew"))

    assert found == (
        Carried(ACTIONS, "Replace web06", "2026-08", Became.DONE),
        Carried(ACTIONS, "Test archives", "2026-09", Became.OPEN),
        Carried(DECISIONS, "Renew", "2026-09", Became.UNTOLD),
    )


def test_the_next_period_is_asked_for_what_is_not_done_since_it_was_first_named() -> None:
    carried = (
        Carried(ACTIONS, "Replace web06", "2026-08", Became.DONE),
        Carried(ACTIONS, "Test archives", "2026-08", Became.OPEN),
        Carried(DECISIONS, "Renew", "2026-09", Became.UNTOLD),
    )
    notes = actions("- [x] Replace web06", "- [ ] test archives", "- [ ] New one", "- [x] Done at once")

    assert still_asked(notes, carried, "2026-10") == (
        Asked(ACTIONS, "Test archives", is_done=False, since="2026-08"),
        Asked(DECISIONS, "Renew", is_done=False, since="2026-09"),
        Asked(ACTIONS, "New one", is_done=False, since="2026-10"),
    )
