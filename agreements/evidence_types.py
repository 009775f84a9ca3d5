"""Which files prove an acceptance, and whether one is what its name says: pure, over names and bytes.

That a file is of its type is a courtesy to people who chose the wrong one. It makes no file harmless: whatever is
stored is only ever handed out as an attachment.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.common.text import TURNING

MOST_BYTES = 10 * 1024 * 1024
MOST_MEGABYTES = MOST_BYTES // (1024 * 1024)
LONGEST_NAME = 255
# How far into a message its headers are looked for.
_HEAD = 64 * 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_HEADER = re.compile(rb"([!-9;-~]+)[ \t]*:")
_MARKS_OF_MAIL = frozenset({b"from", b"date", b"received", b"message-id"})
# Entry of an Outlook message in its compound file (MS-OXMSG 2.4).
_OUTLOOK = "__properties_version1.0".encode("utf-16-le")


def _is_pdf(data: bytes) -> bool:
    # Writers may put something before it (ISO 32000-1, annex H.3.4.1).
    return b"%PDF-" in data[:1024]


def _is_png(data: bytes) -> bool:
    return data.startswith(b"\x89PNG\r\n\x1a\n")


def _is_jpeg(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff")


def _is_text(data: bytes) -> bool:
    """In any of the usual encodings: what no text has are control characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            return False
    return _CONTROLS.search(data) is None


def _is_mail(data: bytes) -> bool:
    """Header lines as far as the first empty one, with one that every message has (RFC 5322)."""
    head = data[:_HEAD].removeprefix(codecs.BOM_UTF8)
    names = set()
    for line in head.splitlines():
        if not line:
            break
        if line[:1] in b" \t" and names:
            continue
        header = _HEADER.match(line)
        if header is None:
            return False
        names.add(header[1].lower())
    return bool(names & _MARKS_OF_MAIL)


def _is_outlook(data: bytes) -> bool:
    return data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and _OUTLOOK in data


def _is_word(data: bytes) -> bool:
    """By the names of its parts, which no archive compresses: nothing is unpacked."""
    return data.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in data and b"word/document" in data


class FileType(NamedTuple):
    """label: as people say it; extensions: in lower case; fits: whether bytes are such a file."""

    label: str | Promise
    media_type: str
    extensions: tuple[str, ...]
    icon: str
    fits: Callable[[bytes], bool]


TYPES = (
    FileType(_("PDF"), "application/pdf", ("pdf",), "file-text", _is_pdf),
    FileType(
        _("Word document"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ("docx",),
        "file-text",
        _is_word,
    ),
    FileType(_("email"), "message/rfc822", ("eml",), "mail", _is_mail),
    FileType(_("Outlook message"), "application/vnd.ms-outlook", ("msg",), "mail", _is_outlook),
    FileType(_("PNG picture"), "image/png", ("png",), "image", _is_png),
    FileType(_("JPEG picture"), "image/jpeg", ("jpg", "jpeg"), "image", _is_jpeg),
    FileType(_("plain text"), "text/plain", ("txt",), "file", _is_text),
)
BY_EXTENSION = {extension: each for each in TYPES for extension in each.extensions}
BY_MEDIA_TYPE = {each.media_type: each for each in TYPES}
ACCEPT = ",".join(f".{extension}" for extension in BY_EXTENSION)


def clean_name(name: str) -> str:
    """The name to show: without folders, without characters that hide or turn what it says, of 255 at most."""
    base = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if ch.isspace() else ch for ch in base if ch not in TURNING and not _is_hidden(ch))
    stem, _dot, extension = " ".join(kept.split()).rstrip(" .").rpartition(".")
    if not _dot:
        return extension[:LONGEST_NAME] or "file"
    end = f".{extension[:20]}"
    return (stem.strip(" .")[: LONGEST_NAME - len(end)] or "file") + end


def _is_hidden(ch: str) -> bool:
    # White space becomes a blank instead; joiners (Cf) stay, as scripts need them.
    return not ch.isspace() and unicodedata.category(ch) in ("Cc", "Cs", "Co", "Cn")


def type_of(name: str) -> FileType | None:
    return BY_EXTENSION.get(name.rpartition(".")[2].lower()) if "." in name else None


def why_not_a_size(name: str, size: int) -> str | None:
    if size == 0:
        return str(_("“%(name)s” is empty. Choose the file that proves the acceptance.")) % {"name": name}
    if size > MOST_BYTES:
        words = {"name": name, "most": MOST_MEGABYTES}
        return (
            str(_("“%(name)s” is larger than %(most)d MB. Send a smaller copy, such as the pages that count."))
            % words
        )
    return None


def why_not_a_type(name: str, data: bytes) -> str | None:
    found = type_of(name)
    if found is None:
        words = {"name": name, "types": names_of_types()}
        return str(_("“%(name)s” is of a type that is not taken. Send one of these: %(types)s.")) % words
    if not found.fits(data):
        words = {"name": name, "type": found.label}
        return (
            str(_("“%(name)s” does not hold what its name says (%(type)s). Save it anew, or choose another file."))
            % words
        )
    return None


def names_of_types() -> str:
    """Like "PDF (.pdf), Word document (.docx)"."""
    return ", ".join(f"{each.label} ({', '.join('.' + end for end in each.extensions)})" for each in TYPES)
