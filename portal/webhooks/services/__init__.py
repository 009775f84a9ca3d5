"""Every write about webhooks."""

from portal.webhooks.services.announcing import announce, announce_all
from portal.webhooks.services.registering import register, send_test, try_again, turn_off

__all__ = ["announce", "announce_all", "register", "send_test", "try_again", "turn_off"]
