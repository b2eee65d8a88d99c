"""A file's octets become the text that was meant, or a sentence with the place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.sheets.encoding import EncodingError, decode

TEXT = "meter;name\nA;Größe °C\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_what_is_read(encoding: str) -> None:
    decoded = decode(TEXT.encode(encoding))
    assert decoded.text == TEXT
    assert bool(decoded.guessed) == (encoding in {"cp1252", "latin-1"})


def test_a_guess_shows_the_word_by_which_it_is_judged() -> None:
    assert decode(TEXT.encode("cp1252")).sample == (2, 3, "Größe")


@pytest.mark.parametrize(
    ("content", "line", "column", "says"),
    [
        (b"a;b\nx\0y;z\n", 2, 2, "no text file"),
        ("Größe\n".encode() + "Höhe".encode("cp1252"), 2, 2, "though others of the file are"),
        (b"a\nb\x81c\n", 2, 2, "neither UTF-8 nor Windows-1252"),
        (b"\xef\xbb\xbfa\n\xff", 2, 1, "not UTF-8, though the file says"),
        (b"\xff\xfea\0b", 1, 2, "not UTF-16"),
        (b"a\xff\0\n", 1, 3, "no text file"),
    ],
)
def test_what_is_not_read(content: bytes, line: int, column: int, says: str) -> None:
    with pytest.raises(EncodingError, match=says) as caught:
        decode(content)
    assert (caught.value.line, caught.value.column) == (line, column)


@given(st.binary())
def test_any_octets_are_a_text_or_get_a_sentence(content: bytes) -> None:
    place = 1, 1
    try:
        decode(content)
    except EncodingError as error:
        place = error.line, error.column
    assert min(place) >= 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf8_is_never_taken_for_something_else(text: str) -> None:
    assert decode(b"\xef\xbb\xbf" + text.encode()).text == text
    if not text.startswith("\ufeff"):
        assert decode(text.encode()).text == text
