"""How Partner Center writes JSON: what every body that comes in or goes out is made of."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

Item = TypeVar("Item")


class Wire(BaseModel):
    """A body or a part of one. Names go out in camelCase; in they are matched in any case, null is as good as absent
    and what nobody knows is left aside (wire contract, points 1 and 4).
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _match_names(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        names = _names(cls)
        return {names.get(str(key).lower(), str(key)): each for key, each in value.items() if each is not None}


@cache
def _names(schema: type[Wire]) -> dict[str, str]:
    """Lower-cased name -> the field's own, for aliases and fields."""
    fields = schema.model_fields
    return {name.lower(): name for name in fields} | {
        field.alias.lower(): name for name, field in fields.items() if field.alias
    }


class Attributes(Wire):
    """What kind of resource it is, and its version where it has one."""

    object_type: str = ""
    etag: str | None = None


class Header(Wire):
    key: str = ""
    value: str = ""


class Link(Wire):
    """Where to go from here. uri: relative, below /v1."""

    uri: str = ""
    method: str = "GET"
    headers: list[Header] = Field(default_factory=list)


Links = dict[str, Link]


def link(uri: str, method: str = "GET") -> Link:
    return Link.model_construct(uri=uri, method=method, headers=[])


class Collection(Wire, Generic[Item]):
    """Some of many. total_count: of the items in this answer."""

    total_count: int
    items: list[Item]
    continuation_token: str | None = None
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="Collection")


def _time(value: Any) -> Any:
    """A moment, in UTC. Any precision, with or without zone: without one it is UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a date and time such as 2026-01-10T00:00:00Z")
    day, clock, fraction, zone = found.groups()
    text = f"{day}T{clock or '00:00:00'}.{(fraction or '')[:6]:0<6}{'+00:00' if not zone or zone in 'zZ' else zone}"
    moment = datetime.fromisoformat(text)
    # Years 1 and 9999 with a zone would leave the calendar.
    return moment.replace(tzinfo=UTC) if moment.year in (1, 9999) else moment.astimezone(UTC)


_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,12}))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


WireTime = Annotated[
    datetime,
    BeforeValidator(_time),
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Amount = Annotated[Decimal, PlainSerializer(float, return_type=float), WithJsonSchema({"type": "number"})]


def spelled(text: str) -> str:
    """The one spelling under which annual, Annual, ANNUAL, one_time and OneTime meet their value."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def choice(*values: str) -> Any:
    """The type of a member that holds one of these: any spelling in, exactly these out."""
    known = {spelled(value): value for value in values}

    def take(value: Any) -> str:
        exact = known.get(spelled(value)) if isinstance(value, str) else None
        if exact is None:
            raise ValueError(f"must be one of {', '.join(values)}")
        return exact

    return Annotated[str, BeforeValidator(take), WithJsonSchema({"type": "string", "enum": list(values)})]
