"""RSA keys take long to make, and every test begins without one: the suite shares a few."""

from collections.abc import Iterator
from itertools import cycle

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from portal.tokens.services import keys

DIFFERENT = 3
_made: list[RSAPrivateKey] = []
_turns = cycle(range(DIFFERENT))


def shared_key(*, public_exponent: int, key_size: int) -> RSAPrivateKey:
    """One of a few, another than the time before."""
    turn = next(_turns)
    while len(_made) <= turn:
        _made.append(generate_private_key(public_exponent=public_exponent, key_size=key_size))
    return _made[turn]


@pytest.fixture(autouse=True, scope="session")
def quick_keys() -> Iterator[None]:
    made = keys.generate_private_key
    keys.generate_private_key = shared_key  # type: ignore[assignment]  # the same, kept
    yield
    keys.generate_private_key = made
