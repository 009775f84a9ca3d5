"""What a list is asked for: its searched text travels sealed, all else in clear."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from portal.common.sealed import seal, unseal

# What a search box may hold: search reads no more of it, and a sealed text has to fit into an address.
LONGEST_TEXT = 200


def tidy(text: str) -> str:
    """What a search box holds, without control characters and as short as search reads it."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text[: 2 * LONGEST_TEXT]).strip()[:LONGEST_TEXT].strip()


@dataclass(frozen=True)
class Question:
    """A question with a searched text; subclasses add filters and `as_stored`.

    seal_purpose: what tokens of this list open for. token: the text, sealed for an address.
    """

    seal_purpose: ClassVar[str]

    text: str = ""
    token: str = field(default="", compare=False, repr=False, kw_only=True)

    @classmethod
    def unsealed(cls, token: str) -> str:
        """The text in a token of this list, "" for all else."""
        return tidy(unseal(token, purpose=cls.seal_purpose) or "")

    def changed(self, **changes: Any) -> Self:
        """The same question with other answers to the named parts."""
        if "text" in changes:
            changes |= {"text": tidy(changes["text"]), "token": ""}
        return replace(self, **changes)

    def as_params(self) -> dict[str, str]:
        """For an address: only what is asked for, the text sealed under `find`."""
        stored = self.as_stored()
        text = stored.pop("text", "")
        return {"find": self.token or seal(text, purpose=self.seal_purpose), **stored} if text else stored

    def as_stored(self) -> dict[str, str]:
        """Only what is asked for, the text as it is."""
        raise NotImplementedError
