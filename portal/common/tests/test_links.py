"""Links that only their addressee knows."""

import uuid
from typing import Any

import pytest

from portal.common.links import TOKEN_LENGTH, link_token, token_digest

SOMETHING = uuid.UUID(int=7)


def test_a_token_is_made_anew_and_is_the_same() -> None:
    token = link_token("invitation", SOMETHING)
    assert token == link_token("invitation", SOMETHING)
    assert len(token) == TOKEN_LENGTH
    assert token_digest(token) != token


@pytest.mark.parametrize(
    "other", [("receipt", SOMETHING, 1), ("invitation", uuid.UUID(int=8), 1), ("invitation", SOMETHING, 2)]
)
def test_it_is_for_one_thing_alone(other: tuple[str, uuid.UUID, int]) -> None:
    assert link_token(*other) != link_token("invitation", SOMETHING)


def test_a_replaced_key_still_makes_its_links(settings: Any) -> None:
    digest = token_digest(link_token("invitation", SOMETHING))
    old, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 50
    settings.SECRET_KEY_FALLBACKS = ["x" * 50, old]
    assert token_digest(link_token("invitation", SOMETHING, digest=digest)) == digest
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ValueError, match="No key"):
        link_token("invitation", SOMETHING, digest=digest)
