"""Typed reading of environment variables; every mistake names the variable and says how to mend it."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

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
    if not generate_at.exists():
        generate_at.parent.mkdir(parents=True, exist_ok=True)
        fresh = generate_at.with_name(f"{generate_at.name}.{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            # link() refuses when another process was first, so every process reads the same key.
            os.link(fresh, generate_at)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return generate_at.read_text().strip()
