"""Hashing the demo's some seventy passwords at once, which Argon2 makes slow on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import get_hasher

# The least that Argon2 does; memory in KiB.
LEAST = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Within, a password costs next to nothing to hash; to be used for demo data only.

    The passwords of demo accounts are printed for everybody, and nobody is told those of the demo customers'
    administrators. A hash names its own cost: the portal checks these as any other, and at somebody's first
    sign-in puts one at the full cost in its place.
    """
    hasher = get_hasher()
    usual = dict(vars(hasher))
    vars(hasher).update(LEAST)
    try:
        yield
    finally:
        vars(hasher).clear()
        vars(hasher).update(usual)
