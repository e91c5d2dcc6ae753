"""Words too common to tell one incident from another, folded, of three letters and more; a list per report language."""

from __future__ import annotations

from collections.abc import Mapping

_FRENCH = """
afin ainsi alors apres aucun aucune aupres aussi autre autres aux avait avant avec avoir car ceci cela celle celles
celui ces cet cette ceux chez comme comment contre dans depuis des deux donc dont elle elles encore entre est etaient
etait ete etes etre eux faire fait faut font fut hors ici ils jusqu jusque lequel les leur leurs lors lorsque lui mais
meme memes mes moi moins mon non nos notre nous ont par parce pas pendant peu peut plus plusieurs pour pourquoi puis
quand que quel quelle quelles quelque quels qui quoi sans sauf selon ses seul seule seulement sinon soit son sont sous
suite sur tes toi ton toujours tous tout toute toutes tres trop une vers via voici voila vos votre vous
"""

_ENGLISH = """
about after again all also and another any are aren because been before being below between both but can cannot could
couldn did didn does doesn doing don down during each few for from further had hadn has hasn have haven having her
here hers him his how into isn its itself just let more most must not now off once only other our ours out over own
per please same shall she should shouldn since some such than that the their them then there these they this those
through too under until upon use using very via was wasn were weren what when where which while who whom why will with
within without won would wouldn you your
"""

STOP_WORDS: Mapping[str, frozenset[str]] = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
"""Stop list per language code; an unknown language has none."""
