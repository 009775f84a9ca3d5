"""What has been of no use for long is thrown away."""

from datetime import timedelta

from django.utils import timezone

from portal.tokens.models import AuthorizationCode, RefreshToken

# So long a client is told that its code was redeemed, or that its token has expired, rather than that it is none.
CODES_KEPT = timedelta(days=1)
TOKENS_KEPT = timedelta(days=30)


def remove_expired_tokens() -> int:
    """Delete codes and refresh tokens that expired some time ago; how many these were."""
    now = timezone.now()
    codes, _by_model = AuthorizationCode.objects.expired_before(now - CODES_KEPT).delete()
    tokens, _by_model = RefreshToken.objects.expired_before(now - TOKENS_KEPT).delete()
    return codes + tokens
