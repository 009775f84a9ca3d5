"""As much of DER as it takes to put the certificates of a time stamp's answer in order."""


def in_order(answer: bytes) -> bytes:
    """A TimeStampResp (RFC 3161) with its certificates sorted, as DER wants the members of a set.

    Authorities that run openssl write them as they come, which a strict reader refuses; no signature covers their
    order. What cannot be read comes back as it was: whoever decodes it says why.
    """
    try:
        _status, token = _members(answer, 0)
        _type, content = _members(answer, token)
        (signed_data,) = _members(answer, content)
        (certificates,) = [at for at in _members(answer, signed_data) if answer[at] == 0xA0]
        start, end = _inside(answer, certificates)
        sets = [answer[at : _inside(answer, at)[1]] for at in _members(answer, certificates)]
    except (ValueError, IndexError):
        return answer
    return answer[:start] + b"".join(sorted(sets)) + answer[end:]


def _inside(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at this place starts and ends. Raises IndexError, ValueError."""
    start, length = at + 2, data[at + 1]
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2 : start], "big")
    if start + length > len(data):
        raise ValueError("The element is longer than what there is.")
    return start, start + length


def _members(data: bytes, at: int) -> list[int]:
    """The places of the elements inside the one at this place."""
    start, end = _inside(data, at)
    found = []
    while start < end:
        found.append(start)
        start = _inside(data, start)[1]
    return found
