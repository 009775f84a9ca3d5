"""Filters of lists, as links."""

from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class Choice:
    """A link of a filter. number: how many rows it holds, None where it is not known."""

    label: Words
    url: str
    is_chosen: bool
    number: int | None = None


@dataclass(frozen=True)
class Menu:
    """A filter. chosen: what it is set to, "" for nothing and where a chip of its own says so; choices: all first."""

    code: str
    label: Words
    chosen: Words
    choices: list[Choice]
