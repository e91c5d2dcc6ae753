"""Golden files: what a rendering was when it was last looked at. ``UPDATE_GOLDEN=1 pytest …`` writes them anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
_FONT = re.compile(r"base64,[A-Za-z0-9+/=]+")


def check_golden(name: str, text: str) -> None:
    """Compare with the committed file; the embedded typeface is left out of it."""
    shown = _FONT.sub("base64,…", text)
    path = FOLDER / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.write_text(shown, encoding="utf-8", newline="")
    assert path.is_file(), f"{path} is missing; look at the rendering, then run the test with UPDATE_GOLDEN=1"
    assert shown == path.read_bytes().decode("utf-8")
