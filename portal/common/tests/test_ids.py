from uuid import uuid4

import pytest

from portal.common.ids import parse_uuid


def test_reads_what_the_portal_writes() -> None:
    known = uuid4()
    assert parse_uuid(str(known)) == known
    assert parse_uuid(known.hex) == known


@pytest.mark.parametrize("text", ["", "x", "12345678", "\x00" * 32, "\ud800" * 32, "f" * 10_000], ids=range(6))
def test_anything_else_is_none(text: str) -> None:
    assert parse_uuid(text) is None
