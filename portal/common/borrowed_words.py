"""What packages say in words that some of their own catalogues lack. Marked here, so that ours have them."""

from django.utils.translation import ngettext_lazy

WORDS = (
    # Django's rule for the length of a password, as of 5.2.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
        "count",
    ),
)
