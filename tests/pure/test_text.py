"""What a text looks like to the rules, whatever a person or an attacker typed."""

from __future__ import annotations

import pytest

from llm4sweat_model.disguise import readings
from llm4sweat_model.text import LONGEST, count_words, fold_pattern, normalise, pieces, words
from llm4sweat_model.typos import Typos, distance

VOCABULARY = frozenset({"kill", "myself", "suicide", "help", "want", "to", "боль", "sad"})


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Café MAÑANA Straße", "cafe manana strasse"),
        ("cœur, Über, şık", "coeur, uber, sik"),
        ("Ёлка Йод", "елка йод"),
        ("أَنَا إلى آخر مدرسة ـــ", "انا الي اخر مدرسه "),
        ("क़ लड़का हाँ", "क लडका हां"),
        ("ｆｕｌｌ　ｗｉｄｔｈ！", "full width!"),
        ("𝓀𝒾𝓁𝓁", "kill"),
        ("k\u200bi\u2060l\ufeffl", "kill"),
        ("\u202ekill\u202c", "kill"),
        ("k\U000e0069ill", "kill"),
        ("a\x00b\x07c", "abc"),
        ("a\ud800b", "ab"),
        ("k̸i̷l̶l̵", "kill"),
        ("don’t “say”", 'don\'t "say"'),
        ("٥ ५ ５", "5 5 5"),
        ("自 杀, 自*杀", "自杀, 自杀"),
        ("one\r\ntwo\u2028three", "one\n\ntwo\nthree"),
        ("", ""),
    ],
)
def test_one_spelling(typed: str, seen: str) -> None:
    assert normalise(typed) == seen


def test_a_text_without_end_is_cut() -> None:
    assert len(normalise("a " * 50_000)) == LONGEST
    assert len(normalise("\ufdfa" * 40_000)) <= LONGEST


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        (
            "No pain, but tired. Now: 0.5 mg (1,000 ml)!",
            ["no pain", "but tired", "now", "0.5 mg", "1,000 ml"],
        ),
        ("don't 'stop' short-term - it 24/7 +1 5%", ["don't stop short-term", "it 24/7 +1 5%"]),
        ("¿qué? ¡no!\nsí", ["que", "no", "si"]),
        ("胸口痛，出汗。没有发烧、咳嗽", ["胸口痛", "出汗", "没有发烧 咳嗽"]),
        ("दर्द है। नहीं", ["दर्द है", "नहीं"]),
        ("ألم، نعم؟ لا", ["الم", "نعم", "لا"]),
        ('he said "go"', ['he said " go "']),
        ("done🔪💊now", ["done 🔪 💊 now"]),
        ("боль/жар", ["боль / жар"]),
        ("...,,,!!!", []),
        ("", []),
    ],
)
def test_clauses(typed: str, clauses: list[str]) -> None:
    assert [piece.text for piece in pieces(normalise(typed))] == clauses


def test_sentences_are_counted() -> None:
    assert [piece.sentence for piece in pieces("a, b. c; d\ne")] == [0, 0, 1, 1, 2]
    assert [piece.comma for piece in pieces("a, b; c")] == [False, True, False]


def test_words() -> None:
    assert words("don't मुझे दर्द 汗多 x") == ["don't", "मुझे", "दर्द", "汗多", "x"]
    assert count_words("one two three") == 3
    assert count_words("今天天气怎么样") == 5


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("k i l l myself", "kill myself"),
        ("k.i.l.l myself", "kill myself"),
        ("k-i-l-l   m-y-s-e-l-f", "kill myself"),
        ("k i l l m y s e l f", "kill myself"),
        ("k1ll mys3lf", "kill myself"),
        ("$uicide", "suicide"),
        ("k*ll", "kill"),
        ("kiiiill", "kill"),
        ("heeelp", "help"),
        ("saaaad", "sad"),
        ("kіll mуself", "kill myself"),
        ("бoль", "боль"),
        ("🅺🅸🅻🅻", "kill"),
        ("ki11", "kill"),
    ],
)
def test_what_is_hidden_is_undone(typed: str, meant: str) -> None:
    found = readings(normalise(typed), VOCABULARY, lambda word: word)
    assert meant in [" ".join(reading.split()) for reading in found]


@pytest.mark.parametrize("typed", ["take 10mg at 5pm", "vitamin b12", "all is well", "a b", "боль в груди", "24/7"])
def test_a_plain_text_has_no_further_reading(typed: str) -> None:
    assert readings(normalise(typed), VOCABULARY, lambda word: word) == []


EN, ES = frozenset({"en"}), frozenset({"es"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("suicde", "suicide"),
        ("sucide", "suicide"),
        ("siucide", "suicide"),
        ("suicidee", "suicide"),
        ("palpatatons", "palpitations"),
        ("hearth", "heart"),
        ("heat", "heat"),
        ("sweet", "sweet"),
        ("pecho", "pecho"),
        ("x" * 500, "x" * 500),
    ],
)
def test_typos(typed: str, meant: str) -> None:
    listed = dict.fromkeys(["suicide", "palpitations", "heart"], EN) | {"pechos": ES}
    assert Typos(listed, frozenset({"heat", "breath"})).correct(typed, EN) == meant


def test_a_typo_is_of_a_language() -> None:
    typos = Typos({"heart": EN, "pecho": ES}, frozenset())
    assert [typos.correct(word, ES) for word in ("hearth", "pechos")] == ["hearth", "pecho"]


def test_distance() -> None:
    assert [distance("abcd", other) for other in ("abcd", "abdc", "abc", "xbcd", "badc")] == [0, 1, 1, 1, 2]


def test_patterns_are_spelled_as_texts_are() -> None:
    assert fold_pattern(r"\bcorazón(?:es)?\b") == r"\bcorazon(?:es)?\b"
    assert fold_pattern("боль|жёлтый") == "боль|желтый"
    assert fold_pattern("сердце？") == r"сердце\?"
