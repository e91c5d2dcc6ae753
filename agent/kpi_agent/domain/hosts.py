"""Names of hosts in labels."""

from __future__ import annotations

import re

_WITH_PORT = re.compile(r"([^:\[\]/]+):\d{1,5}\Z", re.ASCII)
_BRACKETED = re.compile(r"\[([^\[\]]+)\](?::\d{1,5})?\Z", re.ASCII)


def host_of(text: str) -> str:
    """Return a label value without its port: ``web01:9100`` is web01, ``[2001:db8::1]:9100`` is 2001:db8::1.

    Addresses with a path or a scheme, and IPv6 addresses without brackets, are left as they are.
    """
    found = _WITH_PORT.match(text) or _BRACKETED.match(text)
    return found[1] if found else text
