import pytest

from bacnet_bridge.vocabulary.password import hashed, parse


def test_what_is_stored_fits_its_password_and_no_other() -> None:
    kept = parse(str(hashed("correct horse battery")))
    assert kept.fits("correct horse battery")
    assert not kept.fits("correct horse batterz")
    assert not kept.fits("")


def test_the_same_password_is_never_stored_the_same() -> None:
    assert str(hashed("correct horse battery")) != str(hashed("correct horse battery"))


@pytest.mark.parametrize(
    "text",
    [
        "", "correct horse battery", "scrypt.16384.8.5.00.00", f"scrypt.16383.8.5.{'0' * 32}.{'0' * 64}",
        f"scrypt.524288.8.1.{'0' * 32}.{'0' * 64}", f"scrypt.16384.8.99.{'0' * 32}.{'0' * 64}",
        f"scrypt.16384.0.1.{'0' * 32}.{'0' * 64}",
    ],
    ids=["nothing", "in clear", "cut", "no power of two", "too dear", "too often", "no block"],
)  # fmt: skip
def test_what_is_no_hash_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError, match="bacnet-bridge password") as refused:
        parse(text)
    assert not text or text not in str(refused.value)


def test_the_hash_does_not_show_in_a_repr() -> None:
    kept = hashed("correct horse battery")
    assert kept.digest.hex() not in repr(kept)
