"""A part of a page that another room contributes."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True)
class Panel:
    """key: unique on its page; body: template that draws `data`; commands: (label, url) pairs beside the title."""

    key: str
    title: str | Promise
    body: str
    data: dict[str, Any] = field(default_factory=dict)
    commands: tuple[tuple[str | Promise, str], ...] = ()
