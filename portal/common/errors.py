"""What can go wrong by rule rather than by accident. Each face of the portal turns these into its own words."""

from django.utils.functional import Promise


class PortalError(Exception):
    """A refusal that a person can act on.

    code: stable text for machines; message: a sentence that says what to do; field: the form field it is
    about, or None when it concerns the whole request.
    """

    status = 400
    default_code = "refused"

    def __init__(self, message: str | Promise, *, code: str = "", field: str | None = None) -> None:
        self.code = code or self.default_code
        self.message = message
        self.field = field
        super().__init__(message)


class RuleViolation(PortalError):
    """The request breaks a rule of the domain."""

    default_code = "rule_violation"


class AcceptanceRequired(PortalError):
    """The customer's acceptance of the Microsoft Customer Agreement is missing (Partner Center 13605)."""

    status = 403
    default_code = "acceptance_required"


class NotPermitted(PortalError):
    """The actor may see the object but not do this.

    who_can: labels of the roles that may; permission: code of what is missing, "" where no permission would do.
    """

    status = 403
    default_code = "not_permitted"

    def __init__(
        self,
        message: str | Promise,
        *,
        code: str = "",
        who_can: tuple[str | Promise, ...] = (),
        permission: str = "",
    ) -> None:
        super().__init__(message, code=code)
        self.who_can = who_can
        self.permission = permission


class NotFound(PortalError):
    """It does not exist, or not for this actor."""

    status = 404
    default_code = "not_found"


class UpstreamError(PortalError):
    """A service outside the portal did not do its part; trying again may help."""

    status = 503
    default_code = "upstream"
