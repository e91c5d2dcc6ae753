"""Titles that say the same thing within a family, and clearly something else outside it."""

import random
import re
import unicodedata

from kpi_agent_simulator.vocabulary import Family, Vocabulary

# Titles of one family share at least half of their words; strangers of one category stay well under that.
_STRANGERS_SHARE_AT_MOST = 1 / 3
_SHORTEST_WORD = 3


def words(title: str) -> frozenset[str]:
    """Return the words of a title, three letters or more, lower case and without accents."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return frozenset(word for word in re.split(r"[^a-z]+", plain) if len(word) >= _SHORTEST_WORD)


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of words that two titles have in common, 0 to 1."""
    return len(one & other) / len(one | other)


class Titles:
    """Draws titles; whatever the host or service, no two strangers of one category come near each other."""

    def __init__(self, vocabulary: Vocabulary, rng: random.Random) -> None:
        self._vocabulary = vocabulary
        self._rng = rng
        self._taken: dict[str, list[frozenset[str]]] = {category: [] for category in vocabulary.categories}
        for family in vocabulary.families:
            self._taken[family.category].append(words(family.title))

    def of_family(self, family: Family) -> str:
        """Return a wording of the family's title."""
        return family.title + self._rng.choice(self._vocabulary.tails)

    def of_stranger(self, category: str) -> str:
        """Return a title that nothing in this category resembles, before or after."""
        while True:
            parts = self._vocabulary
            draw = self._rng.choice
            title = f"{draw(parts.symptoms)}, {draw(parts.objects)} ({draw(parts.contexts)})"
            found = words(title)
            if all(likeness(found, other) < _STRANGERS_SHARE_AT_MOST for other in self._taken[category]):
                self._taken[category].append(found)
                return title
