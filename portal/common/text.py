"""What a line of text must be to name something: pure, in every script."""

import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Embeddings, overrides and isolates turn what follows around: a name must read as it is stored.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def why_not_a_name(text: str) -> str | Promise | None:
    """Letters, marks, signs and emoji of any script pass; a name has at least one letter or digit.

    Joiners and other invisible signs that scripts need are kept, control characters are not.
    """
    if any(ch in TURNING or unicodedata.category(ch) == "Cc" for ch in text):
        return _("Type this anew: it holds invisible characters that change how it reads")
    if not any(unicodedata.category(ch)[0] in "LN" for ch in text):
        return _("Enter at least one letter")
    return None
