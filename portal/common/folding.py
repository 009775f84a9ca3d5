"""One spelling for searching and sorting: without case and accents, in every script.

Neither database engine does this alike for all letters (Å, Ł, ß), so it is done here and stored.
"""

import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_ALIKE = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ŋ": "n",
        "ı": "i", "ĸ": "k", "ƒ": "f", "ɓ": "b", "ɗ": "d", "ɛ": "e", "ɔ": "o", "ə": "e", "ƙ": "k", "ƴ": "y",
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-", "—": "-",
    }
)  # fmt: skip
# Combining classes of marks that only shade a letter: Hebrew points, Arabic vowel signs, the marks above and
# below that Latin, Greek and Cyrillic letters carry. The vowel signs of Indic and Thai scripts are letters.
_ACCENTS = frozenset((*range(10, 36), *range(200, 241)))


def fold(text: str) -> str:
    """The text as it is searched for: folded, single blanks between words, none at the ends."""
    apart = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    bare = "".join(
        _plain(letter)
        for letter in unicodedata.normalize("NFKD", apart)
        if unicodedata.combining(letter) not in _ACCENTS
    )
    return " ".join(unicodedata.normalize("NFC", bare).split())


def _plain(letter: str) -> str:
    """Joiners and direction marks say nothing; a zero-width space and control characters part words."""
    if letter == "\u200b":
        return " "
    return {"Cf": "", "Cs": "", "Cc": " "}.get(unicodedata.category(letter), letter)


def search_text(*words: str) -> str:
    """What stands in a search_text column: the words folded, a blank before each, so that " abc" finds the
    beginnings of words. Every word once, in order.
    """
    each = dict.fromkeys(word for text in words for word in fold(text).split())
    return " " + " ".join(each) if each else ""
