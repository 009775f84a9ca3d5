"""portal.common.folding: one spelling for searching and sorting."""

import pytest

from portal.common.folding import fold, search_text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Contoso \t Ltd\n", "contoso ltd"),
        ("ŁÓDŹ Åkeri Øre", "lodz akeri ore"),
        ("Straße", "strasse"),
        ("İstanbul ISPARTA", "istanbul isparta"),
        ("ΌΣΟΣ Αθήνα", "οσοσ αθηνα"),
        ("Ёлка", "елка"),
        ("ﬁnance ①", "finance 1"),
        ("ＡＢＣ", "abc"),
        ("עִבְרִית", "עברית"),
        ("مُحَمَّد", "محمد"),
        ("한국", "한국"),
        ("北京 東京", "北京 東京"),
        ("O’Neil – Sons", "o'neil - sons"),
        ("no\u00adbreak na\u200cme a\u200bb", "nobreak name a b"),
        ("nul\x00byte", "nul byte"),
        ("half \ud800 pair", "half pair"),
        ("🙂", "🙂"),
        ("\u0301\u0308", ""),
    ],
)
def test_folds(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["कि", "ไก่", "கொ", "か", "が"])
def test_vowel_signs_are_letters(text: str) -> None:
    assert fold(text) == text


def test_the_same_however_it_is_composed() -> None:
    assert fold("Cafe\u0301") == fold("Café") == "cafe"
    assert fold(fold("Æther Þing")) == fold("Æther Þing")


def test_every_word_of_a_search_text_has_a_blank_before_it_once() -> None:
    assert search_text("Contoso Ltd", "contoso.example", "", "CONTOSO") == " contoso ltd contoso.example"
    assert search_text("", " ") == ""
