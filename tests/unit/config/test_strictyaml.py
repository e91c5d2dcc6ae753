import time

import pytest

from kpi_agent.strictyaml import MAX_BYTES, MAX_DEPTH, Plain, read_yaml


def read(text: str) -> object:
    root, problems = read_yaml(text.encode(), "f.yml")
    assert problems == ()
    assert root is not None
    return root.plain()


def complaints(content: bytes) -> list[str]:
    root, problems = read_yaml(content, "f.yml")
    assert root is None
    return [str(p) for p in problems]


@pytest.mark.parametrize(
    "text", ["NO", "12:30", "010", "1_000", "0x19", "1e3", ".nan", "2026-01-01", "Null", "=", "on"]
)
def test_a_scalar_is_the_text_that_was_written(text: str) -> None:
    assert read(f"key: {text}") == {"key": text}


@pytest.mark.parametrize("key", ["NO", "on", "86400", "true"])
def test_a_key_is_the_text_that_was_written(key: str) -> None:
    assert read(f"{key}: x") == {key: "x"}


def test_quotes_are_remembered() -> None:
    found = read("plain: true\nquoted: 'true'")

    assert isinstance(found, dict)
    assert isinstance(found["plain"], Plain)
    assert not isinstance(found["quoted"], Plain)


def test_nothing_is_none_and_a_quoted_nothing_is_text() -> None:
    assert read("a:\nb: ~\nc: null\nd: ''\ne: '~'") == {"a": None, "b": None, "c": None, "d": "", "e": "~"}


def test_every_key_and_value_keeps_its_place() -> None:
    root, _ = read_yaml(b"# remark\nscope:\n  tickets: {source: desk}\n  list:\n    - one\n", "f.yml")

    assert root is not None
    scope = root.child("scope")
    assert scope is not None
    tickets, items = scope.child("tickets"), scope.child("list")
    assert (root.keys["scope"].line, root.keys["scope"].column) == (2, 1)
    assert (scope.keys["tickets"].line, scope.keys["tickets"].column) == (3, 3)
    assert tickets is not None
    assert items is not None
    source, one = tickets.child("source"), items.child(0)
    assert source is not None
    assert one is not None
    assert (source.place.line, source.place.column) == (3, 21)
    assert (one.place.line, one.place.column) == (5, 7)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"a: 1\nb: 2\na: 3", "f.yml:3:1: key 'a' stands here a second time (first on line 1); keep one"),
        (b"a: {b: 1, b: 2}", "f.yml:1:11: key 'b' stands here a second time (first on line 1); keep one"),
        (b"a: !!int 3", "f.yml:1:4: tag 'tag:yaml.org,2002:int' is refused; write the plain value"),
        (b"a: !secret x", "f.yml:1:4: tag '!secret' is refused; write the plain value"),
        (b"a: 1\n---\nb: 2", "f.yml:2:1: a second document begins here ('---'); write one document per file"),
        (b"%YAML 1.1\n---\na: 1", "f.yml:1:1: directives ('%\u2026') are refused; remove the line"),
        (b"[a]: 1", "f.yml:1:1: a key must be a word"),
        (b"? {a: b}\n: 1", "f.yml:1:3: a key must be a word"),
        (b"a:\n\t- b", "f.yml:2:1: a tab stands where spaces are needed; indent with spaces"),
        (b"a: b: c", "f.yml:1:5: is no valid YAML: mapping values are not allowed here"),
        (
            b"a: [1",
            "f.yml:1:6: is no valid YAML: while parsing a flow sequence, expected ',' or ']', but got '<stream end>'",
        ),
        (b"", "f.yml:1:1: is empty"),
        (b"# nothing\n", "f.yml:1:1: is empty"),
        (b"a: 1\nb: \0", "f.yml:2:4: holds a NUL byte: this is no text file"),
        (b"a: 1\nb: caf\xe9", "f.yml:2:7: byte 0xE9 is no UTF-8; save the file as UTF-8"),
        (b"\xff\xfea\0", "f.yml:1:1: is written in UTF-16; save it as UTF-8"),
        (b"\xff\xfe\0\0a\0\0\0", "f.yml:1:1: is written in UTF-32; save it as UTF-8"),
        (b"a: \x07", "f.yml:1:4: character U+0007 is not allowed; remove it"),
        (b'a: "\\x07"', "f.yml:1:4: holds the control character U+0007; remove it"),
        (b'a: "\\ud800"', "f.yml:1:4: holds the control character U+D800; remove it"),
        (b'a: "\\UFFFFFFFF"', "f.yml: an escape in double quotes names no character; use single quotes"),
        (
            "a: x\u2028y".encode(),
            "f.yml:1:5: holds an invisible line end (U+2028 LINE SEPARATOR); write an ordinary one",
        ),
    ],
)
def test_what_could_mean_something_else_is_refused(content: bytes, complaint: str) -> None:
    assert complaints(content) == [complaint]


def test_anchors_aliases_and_merge_keys_are_all_named() -> None:
    assert complaints(b"a: &x 1\nb: *x\n<<: *x\n") == [
        "f.yml:1:4: anchor '&x' is refused; write each value out",
        "f.yml:2:4: alias '*x' is refused; write the value out",
        "f.yml:3:1: merge key '<<' is refused; write the keys out",
        "f.yml:3:5: alias '*x' is refused; write the value out",
    ]


def test_nested_aliases_end_at_once() -> None:
    bomb = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    started = time.monotonic()

    assert len(complaints(bomb.encode())) > 80
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("opening", [b"[", b"{", b"- ", b"{a: ", b"? "])
def test_depth_is_bounded(opening: bytes) -> None:
    assert len(complaints(opening * 5000)) == 1


def test_the_deepest_allowed_level_is_read() -> None:
    text = "[" * (MAX_DEPTH - 1) + "x" + "]" * (MAX_DEPTH - 1)

    assert "x" in str(read(text))
    assert complaints(f"[{text}]".encode()) == [f"f.yml:1:{MAX_DEPTH + 1}: is nested deeper than 20 levels"]


def test_size_is_bounded() -> None:
    assert complaints(b"#" * (MAX_BYTES + 1)) == ["f.yml: is larger than 1,000,000 bytes; split it"]


def test_a_byte_order_mark_is_no_text() -> None:
    root, problems = read_yaml(b"\xef\xbb\xbfa: 1", "f.yml")

    assert problems == ()
    assert root is not None
    assert root.plain() == {"a": "1"}
