"""In which language a text is: by small words and letters, and None when nothing shows."""

from __future__ import annotations

import pytest

from llm4sweat_model.language import Guess, Languages, Spoken
from llm4sweat_model.text import normalise, words

SPOKEN = [
    Spoken("en", True, frozenset({"the", "my", "no", "and"}), frozenset({"hand", "doctor"})),
    Spoken("es", True, frozenset({"el", "mi", "no", "que"}), frozenset({"mano", "doctor"}), "ñ¿¡", 0.6),
    Spoken("pt", True, frozenset({"o", "meu", "no", "que"}), frozenset({"mao"}), "ãõ", 0.7),
    Spoken("zh", True, frozenset(), frozenset(), "\u4e00-\u9fff", 0.5),
    Spoken("it", False, frozenset({"il", "che", "mia", "non"})),
    Spoken("ja", False, frozenset(), frozenset(), "\u3041-\u30fa", 1.5),
]


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("the hand and my head", Guess(("en",))),
        ("el mano que", Guess(("es",))),
        ("que no", Guess(("es", "pt"))),
        ("il dottore che non parla", Guess(uncovered="it")),
        ("手汗很多", Guess(("zh",))),
        ("手に汗をかきます", Guess(uncovered="ja")),
        ("doctor", Guess()),
        ("no", Guess()),
        ("", Guess()),
        ("12345 ??", Guess()),
    ],
)
def test_guess(text: str, guess: Guess) -> None:
    found = Languages(SPOKEN).guess(text, words(normalise(text)))
    assert (found.covered, found.uncovered) == (guess.covered, guess.uncovered)


def test_letters_tell_of_a_language_in_one_word() -> None:
    assert Languages(SPOKEN).guess("the hand 手", ["the", "hand"]).lettered == {"zh"}


def test_the_language_of_the_person_counts() -> None:
    languages = Languages(SPOKEN)
    assert languages.guess("que no", ["que", "no"], "pt").covered == ("pt",)
    assert languages.guess("que no mia non", ["que", "no", "mia", "non"]).uncovered == "it"
    assert languages.guess("que no mia non", ["que", "no", "mia", "non"], "es").covered == ("es",)
    assert languages.guess("the hand and", ["the", "hand", "and"], "es").covered == ("en",)


def test_the_likeliest() -> None:
    assert Guess(("es", "pt")).language == "es"
    assert Guess(uncovered="it").language == "it"
    assert Guess().language is None
