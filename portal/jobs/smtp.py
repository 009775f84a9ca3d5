"""Django's way to a mail server, which also asks for delivery reports where MAIL_REPORTS says that they are read."""

import contextlib
import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail.backends import smtp


class AskingForReports:
    """Asks a server that knows how (RFC 3461) to report success and failure, with the headers of the message only.

    The message itself stays where it is: the personal link in it does not travel back.
    """

    def sendmail(
        self: Any,
        from_addr: str,
        to_addrs: Sequence[str],
        msg: Any,
        mail_options: Sequence[str] = (),
        rcpt_options: Sequence[str] = (),
    ) -> Any:
        self.ehlo_or_helo_if_needed()
        if self.has_extn("dsn"):
            mail_options = [*mail_options, "RET=HDRS"]
            rcpt_options = [*rcpt_options, "NOTIFY=SUCCESS,FAILURE"]
        return super().sendmail(from_addr, to_addrs, msg, mail_options, rcpt_options)  # type: ignore[misc]


class Smtp(AskingForReports, smtplib.SMTP):
    pass


class SmtpOverTls(AskingForReports, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        if not settings.MAIL_REPORTS:
            return smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP
        return SmtpOverTls if self.use_ssl else Smtp

    def open(self) -> bool | None:
        try:
            return super().open()
        except OSError:
            # A connection that got no further than a refused sign-in is not left open.
            with contextlib.suppress(OSError):
                self.close()
            raise
