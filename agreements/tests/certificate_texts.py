"""Reads a certificate as its holder does: the text of the PDF, and nothing else."""

import hashlib
import io
import re
from typing import NamedTuple

from pypdf import PdfReader

_FOOTER = re.compile(r"^Made on .* Page \d+ of \d+$\n?", re.MULTILINE)
_DIGESTED = re.compile(
    r"(?:^Salt (?P<salt>[0-9a-f]{64})$\n)?^Text (?P<text>\S.*?)\n^SHA-256 (?P<digest>[0-9a-f]{64})$",
    re.MULTILINE | re.DOTALL,
)


class Digested(NamedTuple):
    salt: str
    text: str
    digest: str

    @property
    def is_right(self) -> bool:
        """As somebody computes it by hand."""
        salted = f"{self.salt}\n{self.text}" if self.salt else self.text
        return hashlib.sha256(salted.encode()).hexdigest() == self.digest


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def digested_in(text: str) -> list[Digested]:
    """Every text with its digest, as printed."""
    found = _DIGESTED.finditer(_FOOTER.sub("", text))
    return [Digested(each["salt"] or "", each["text"].replace("\n", ""), each["digest"]) for each in found]


def squeezed(text: str) -> str:
    """Without blanks and line ends, which are where the page's width wants them."""
    return "".join(_FOOTER.sub("", text).split())


def says(text: str, label: str, value: str) -> bool:
    """Whether the page has this fact."""
    return squeezed(f"{label}{value}") in squeezed(text)
