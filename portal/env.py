"""Typed reading of environment variables; every mistake names the variable and says how to mend it."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.core.exceptions import ImproperlyConfigured


class EnvironmentMistake(ImproperlyConfigured):
    """A variable is missing or unusable. The message starts with the variable's name."""

    def __init__(self, name: str, advice: str) -> None:
        super().__init__(f"{name}: {advice}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in choices:
        raise EnvironmentMistake(name, f"is {value!r}; set it to one of {', '.join(choices)}.")
    return value


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise EnvironmentMistake(name, f"is {value!r}; set it to a whole number.")
    return int(value)


def folder(name: str, default: Path) -> Path:
    """A folder that can be written to; made if it is not there."""
    path = Path(text(name, str(default)) or default)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as mistake:
        raise EnvironmentMistake(name, f"cannot be used as a folder ({mistake.strerror}).") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise EnvironmentMistake(name, "names a folder that this user cannot write to.")
    return path


def url(name: str, schemes: tuple[str, ...], default: str, *, without_host: tuple[str, ...] = ()) -> str:
    """An absolute URL with a host. without_host: schemes that need none."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises on a port that is no number
    except ValueError as mistake:
        raise EnvironmentMistake(name, f"is not a URL ({mistake}).") from None
    if parts.scheme not in schemes:
        raise EnvironmentMistake(name, f"must start with one of {', '.join(s + '://' for s in schemes)}.")
    if not parts.hostname and parts.scheme not in without_host:
        raise EnvironmentMistake(name, f"names no host after {parts.scheme}://.")
    return value


def secret_key(name: str, *, generate_at: Path | None) -> str:
    """The signing key: from the environment, else (local mode only) made once and kept in a private file."""
    value = text(name)
    if value:
        if len(value) < 50:
            raise EnvironmentMistake(name, "is too short; use at least 50 random characters.")
        return value
    if generate_at is None:
        raise EnvironmentMistake(name, "is missing; set it to at least 50 random characters.")
    return _made_once(generate_at, secrets.token_urlsafe(64))


def signing_seed(name: str, *, generate_at: Path | None) -> str:
    """The 32 bytes behind the Ed25519 key that signs evidence, in base64.

    From the environment, else (local mode only) made once and kept in a private file.
    """
    how = "base64 of 32 random bytes, such as `openssl rand -base64 32` prints"
    value = text(name)
    if not value:
        if generate_at is None:
            raise EnvironmentMistake(
                name, f"is missing; set it to {how}. Keep it: another key signs as somebody else."
            )
        value = _made_once(generate_at, base64.b64encode(secrets.token_bytes(32)).decode())
    try:
        is_seed = len(base64.b64decode(value, validate=True)) == 32
    except (binascii.Error, ValueError):
        is_seed = False
    if not is_seed:
        raise EnvironmentMistake(name, f"cannot be used; set it to {how}.")
    return value


def _made_once(path: Path, fresh_value: str) -> str:
    """What the private file holds; the fresh value if there is no such file yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(fresh_value)
        try:
            # link() refuses when another process was first, so every process reads the same key.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def authority(url_name: str, certificates_name: str) -> tuple[str, str]:
    """(URL of the time-stamp authority, PEM text of the roots that its answers must lead to); ("", "") for none."""
    address, file = text(url_name), text(certificates_name)
    if not address and not file:
        return "", ""
    if not address:
        raise EnvironmentMistake(url_name, f"is missing; {certificates_name} says what its answers must lead to.")
    address = url(url_name, ("http", "https"), "")
    if urlsplit(address).username is not None:
        raise EnvironmentMistake(url_name, "must not carry a user name: people see it beside what it stamped.")
    if not file:
        raise EnvironmentMistake(
            certificates_name, f"is missing; name a PEM file with the root certificates of {url_name}."
        )
    try:
        pem = Path(file).read_bytes()
        x509.load_pem_x509_certificates(pem)
    except OSError as mistake:
        raise EnvironmentMistake(
            certificates_name, f"names a file that cannot be read ({mistake.strerror})."
        ) from None
    except ValueError:
        raise EnvironmentMistake(certificates_name, "names a file without a certificate in PEM.") from None
    return address, pem.decode("ascii", "ignore")
