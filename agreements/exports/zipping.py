"""A ZIP that leaves while it is written, and whose comment signs every byte before it."""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

BLOCK = 65_536
SIGNATURE_LENGTH = 88
"""Of 64 bytes in base64."""


class _Sink:
    """What zipfile writes to: nothing to seek in, so that it never wants to go back."""

    def __init__(self) -> None:
        self.waiting = bytearray()
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: `take` is what lets bytes go."""

    def take(self, size: int) -> bytes:
        """The first bytes, which are covered by the signature with this."""
        taken = bytes(self.waiting[:size])
        del self.waiting[:size]
        self.digest.update(taken)
        return taken


class SignedZip:
    """Add one file after another, then `finish`; what they yield is the archive.

    sign: makes a signature (base64) over bytes. files: name -> SHA-256 and size of what was added so far.
    """

    def __init__(self, sign: Callable[[bytes], str]) -> None:
        self._sign, self._sink = sign, _Sink()
        unseekable: Any = self._sink
        self._zip = zipfile.ZipFile(unseekable, "w")
        # Keeps the place of the signature, which can be made only when everything before it is written.
        self._zip.comment = b"-" * SIGNATURE_LENGTH
        self._at = datetime.now(UTC).timetuple()[:6]
        self.files: dict[str, dict[str, str | int]] = {}

    def add(self, name: str, chunks: Iterable[bytes], *, is_packed: bool = False) -> Iterator[bytes]:
        """is_packed: of a kind that does not get smaller."""
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
                if len(self._sink.waiting) >= BLOCK:
                    yield self._sink.take(len(self._sink.waiting))
        yield self._sink.take(len(self._sink.waiting))
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}

    def finish(self) -> Iterator[bytes]:
        """The rest, and the signature over the SHA-256 (as hexadecimal text) of all before it."""
        self._zip.close()
        yield self._sink.take(len(self._sink.waiting) - SIGNATURE_LENGTH)
        yield self._sign(self._sink.digest.hexdigest().encode()).encode()
