"""The legacy type that Partner Center clients still name: the Microsoft Cloud Agreement (facts, 1.1)."""

from datetime import date
from typing import NamedTuple
from uuid import UUID


class Legacy(NamedTuple):
    """The version that is listed where staff keep none of their own; text: of the document that stands for it."""

    template_id: UUID
    version: str
    effective_on: date
    text: str


CLOUD_AGREEMENT = Legacy(
    template_id=UUID("998b88de-aa99-4388-a42c-1b3517d49490"),
    version="legacy",
    # Programs confirm it since November 2018 (facts, 1.8); customers had accepted it in the years before.
    effective_on=date(2015, 1, 1),
    text=(
        "MICROSOFT CLOUD AGREEMENT: LEGACY TYPE\n\n"
        "This file is not the agreement. The portal does not hold the text of the Microsoft Cloud Agreement, which\n"
        "was withdrawn from the Cloud Solution Provider program on 31 January 2020.\n\n"
        "Records of this type only say that a partner stated, through the API, that its customer had accepted that\n"
        "agreement. They never count as acceptance of the Microsoft Customer Agreement, and nothing can be ordered\n"
        "on the strength of them.\n"
    ),
)
