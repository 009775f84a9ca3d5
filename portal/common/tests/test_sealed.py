"""Sealed texts: unreadable in a URL, readable again for the same purpose only."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.sealed import seal, unseal

any_text = st.text(st.characters())


@given(text=any_text)
def test_comes_back_as_it_was(text: str) -> None:
    assert unseal(seal(text, purpose="search"), purpose="search") == text


def test_stands_in_a_url_without_telling_anything() -> None:
    token = seal("ada@example.com", purpose="search")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", token)
    assert "ada" not in token
    assert token != seal("ada@example.com", purpose="search")


def test_another_purpose_does_not_open_it() -> None:
    assert unseal(seal("Ada", purpose="search"), purpose="form") is None


@given(token=any_text)
def test_no_text_raises(token: str) -> None:
    assert unseal(token, purpose="search") is None


def test_any_change_is_noticed() -> None:
    token = seal("Ada", purpose="search")
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert unseal(token[:place] + other + token[place + 1 :], purpose="search") is None
        assert unseal(token[:place], purpose="search") is None
        assert unseal(token[:place] + "\n" + token[place:], purpose="search") is None
    for longer in (token + "=", token + "A", token + " ", token * 2):
        assert unseal(longer, purpose="search") is None


def test_an_earlier_key_still_opens_and_a_foreign_one_does_not(settings: Any) -> None:
    token = seal("Ada", purpose="search")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 50
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(token, purpose="search") is None
    settings.SECRET_KEY_FALLBACKS = ["x" * 50, old]
    assert unseal(token, purpose="search") == "Ada"


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 27, 28])
def test_too_little_to_be_a_token(length: int) -> None:
    assert unseal("A" * length, purpose="search") is None
