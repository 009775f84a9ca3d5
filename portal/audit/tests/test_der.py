"""portal.audit.der: nothing that an authority may send makes it fail, or changes what is not about certificates."""

import random

from portal.audit.der import in_order


def element(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, 0x81, len(content)]) + content


def answer(*certificates: bytes) -> bytes:
    """The outline of a TimeStampResp: status, and the token with version, certificates and signers."""
    signed = element(0x30, element(0x02, b"\x03"), element(0xA0, *certificates), element(0x31, b"\x05\x00"))
    return element(0x30, element(0x30, b"\x02\x01\x00"), element(0x30, element(0x06, b"\x2a"), element(0xA0, signed)))


def test_certificates_are_sorted_and_nothing_else() -> None:
    one, two, three = (element(0x30, bytes([number])) for number in (1, 2, 3))
    assert in_order(answer(three, one, two)) == answer(one, two, three)
    assert in_order(answer(one)) == answer(one)


def test_what_cannot_be_read_comes_back() -> None:
    chance = random.Random(7)
    for _each in range(500):
        changed = bytearray(answer(b"\x30\x01\x02", b"\x30\x01\x01"))
        changed[chance.randrange(len(changed))] = chance.randrange(256)
        cut = bytes(changed[: chance.randrange(len(changed) + 1)])
        assert sorted(in_order(cut)) == sorted(cut)
    assert in_order(b"") == b""
