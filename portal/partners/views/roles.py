"""Settings > Roles: the code's own table, as it applies to the member's partner."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Partner
from portal.partners.permissions import LABELS as PERMISSION_LABELS
from portal.partners.permissions import Permission
from portal.partners.roles import DESCRIPTIONS, LABELS, PERMISSIONS
from portal.partners.rules import why_partner_cannot


@dataclass(frozen=True)
class MatrixRow:
    """label: of the permission; cells: (role's label, whether it has it); veto: why nobody at this partner may."""

    code: str
    label: str | Promise
    cells: list[tuple[str | Promise, bool]]
    veto: str | Promise


def matrix_rows(partner: Partner) -> list[MatrixRow]:
    """One row a permission, in the order of permissions.py."""
    rows = []
    for permission in Permission:
        refusal = why_partner_cannot(partner, permission)
        rows.append(
            MatrixRow(
                code=permission.value,
                label=PERMISSION_LABELS[permission],
                cells=[(label, permission in PERMISSIONS[role]) for role, label in LABELS.items()],
                veto=refusal.reason if refusal else "",
            )
        )
    return rows


@requires(Permission.PARTNER_VIEW)
@require_safe
def role_matrix(request: MemberRequest) -> HttpResponse:
    """Which role may do what, and what the partner's kind or cloud rules out."""
    roles = [(label, DESCRIPTIONS[role], role.value in request.membership.roles) for role, label in LABELS.items()]
    context = {"rows": matrix_rows(request.membership.partner), "roles": roles}
    return render(request, "partners/roles.html", context)
