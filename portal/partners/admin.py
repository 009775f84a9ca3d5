"""Staff screens for partners and people. Every write goes through a service; refusals come back in the form."""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.languages import DEFAULT_LANGUAGE, LANGUAGES_OF
from portal.audit.staff_views import PersonalDataAdmin
from portal.common.actor import Actor, Door
from portal.common.errors import PortalError
from portal.common.refusals import note_refusal
from portal.partners import services
from portal.partners.access import acting_as
from portal.partners.forms import language_choices, role_choices, time_zone_choices
from portal.partners.http import PortalRequest
from portal.partners.models import Membership, Partner, PartnerLink, User

# The library's own list of addresses to sign in with: people have one address here, that of their User.
admin.site.unregister(EmailAddress)
# Staff may do everything, so there is nothing for groups to hold.
admin.site.unregister(Group)
# One sign-in for everybody, so that staff are throttled like everybody.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way


def own_password_page(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The one page on which everybody changes their password: it goes by the service and into the audit log."""
    return redirect("account_change_password")


admin.site.password_change = own_password_page  # type: ignore[method-assign, assignment]  # as above
admin.site.password_change_done = own_password_page  # type: ignore[method-assign, assignment]  # as above
admin.site.site_header = admin.site.site_title = gettext_lazy("Partner portal – staff")


def staff_actor(request: HttpRequest) -> Actor:
    """The signed-in colleague, acting as staff even when a member of a partner too."""
    portal_request = cast(PortalRequest, request)
    return acting_as(portal_request.user, request_id=portal_request.request_id).through(Door.ADMIN_SITE)


class ServiceForm(forms.ModelForm[Any]):
    """A form that shows what the service behind it refused; see ServiceAdmin."""

    refused: ClassVar[PortalError | None] = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.refused is not None:
            field = self.refused.field
            self.add_error(field if field in self.fields else None, str(self.refused.message))
        return cleaned


class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # one base for every model
    """Saves by `save_by_service`. Nothing is deleted: what exists, other records rely on."""

    form: type[forms.ModelForm[Any]] = ServiceForm
    show_full_result_count = False

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> models.Model:
        """Write what the form says. obj: the row as it is stored, or None for a new one."""
        # Django's metaclass leaves no room for an abstract one; every subclass says its own.
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # The form has already written its answers into obj; the service compares with what is stored.
        stored = self.model._default_manager.get(pk=obj.pk) if change else None
        saved = self.save_by_service(staff_actor(request), stored, form.cleaned_data, change=change)
        for field in saved._meta.concrete_fields:
            setattr(obj, field.attname, getattr(saved, field.attname))
        obj._state.adding = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except PortalError as refused:
            note_refusal(refused)
            request.refused = refused  # type: ignore[attr-defined]  # read by get_form below
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"refused": getattr(request, "refused", None)})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartnerForm(ServiceForm):
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    default_language = forms.ChoiceField(label=gettext_lazy("Default language"))

    class Meta:
        model = Partner
        fields = ["name", "kind", "cloud", "environment", "country", "time_zone", "default_language"]
        fields += ["mpn_id", "domain", "agreement_signed_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = {DEFAULT_LANGUAGE, *(tag for tags in LANGUAGES_OF.values() for tag in tags)}
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices, zone.initial = time_zone_choices(self.instance.time_zone), self.instance.time_zone
        language = cast(forms.ChoiceField, self.fields["default_language"])
        language.choices = language_choices(tags | {self.instance.default_language})
        language.initial = self.instance.default_language


@admin.register(Partner)
class PartnerAdmin(ServiceAdmin):
    form = PartnerForm
    list_display = ("name", "kind", "cloud", "environment", "country", "tenant_id")
    list_filter = ("kind", "cloud", "environment")
    search_fields = ("name", "domain", "mpn_id", "tenant_id__iexact")
    ordering = ("name", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Kind, cloud and environment are decided once: orders and records rely on them."""
        return ("tenant_id", "kind", "cloud", "environment", "created_at") if obj else ()

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> Partner:
        profile = {name: value for name, value in said.items() if name != "agreement_signed_on"}
        saved = (
            services.edit_profile(by=by, partner=obj, **profile)
            if change
            else services.create_partner(by=by, **profile)
        )
        return services.keep_partner_agreement(by=by, partner=saved, signed_on=said["agreement_signed_on"])


class MembershipForm(ServiceForm):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=role_choices, widget=forms.CheckboxSelectMultiple
    )
    email = forms.EmailField(label=gettext_lazy("Email address"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)

    class Meta:
        model = Membership
        fields = ["partner", "roles", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["email"], self.fields["name"]


@admin.register(Membership)
class MembershipAdmin(PersonalDataAdmin, ServiceAdmin):
    """Adding is inviting: the person gets the link to choose a password."""

    form = MembershipForm
    list_display = ("user", "email", "partner", "role_names", "is_active")
    list_select_related = ("user", "partner")
    list_filter = ("is_active",)
    search_fields = ("user__name", "user__email", "partner__name")
    autocomplete_fields = ("partner",)
    ordering = ("partner__name", "user__name", "id")

    @admin.display(description=gettext_lazy("email address"), ordering="user__email")
    def email(self, membership: Membership) -> str:
        return membership.user.email

    @admin.display(description=gettext_lazy("roles"))
    def role_names(self, membership: Membership) -> str:
        return ", ".join(str(label) for label in membership.role_labels)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["user", "partner", "roles", "is_active"] if obj else ["partner", "email", "name", "roles"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "partner") if obj else ()

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> Membership:
        if change:
            return services.change_member(by=by, membership=obj, **said)
        return services.invite_member(by=by, **said)


@admin.register(PartnerLink)
class PartnerLinkAdmin(ServiceAdmin):
    list_display = ("provider", "reseller", "created_at")
    list_select_related = ("provider", "reseller")
    search_fields = ("provider__name", "reseller__name")
    autocomplete_fields = ("provider", "reseller")
    ordering = ("provider__name", "reseller__name")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> PartnerLink:
        return services.link_reseller(by=by, **said)


@admin.register(User)
class UserAdmin(PersonalDataAdmin, ServiceAdmin):
    """People. Nobody sets a password for somebody else: an action sends the link to choose one.

    One tick makes staff, who may do everything here.
    """

    list_display = ("name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("name", "email")
    ordering = ("name", "id")
    actions = ("send_password_link",)
    facts = ("public_id", "last_login", "must_change_password", "created_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        writable = ("email", "name", "is_active", "is_staff")
        return (*writable, *self.facts) if obj else writable

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Staff do not make staff; only who may do everything hands that out.
        rights = () if getattr(request.user, "is_superuser", False) else ("is_staff",)
        return (*rights, "email", *self.facts) if obj else rights

    def save_by_service(self, by: Actor, obj: Any, said: Mapping[str, Any], *, change: bool) -> User:
        if not change:
            return services.create_user(by=by, **said)
        return services.change_user(by=by, user=obj, **said)

    @admin.action(description=gettext_lazy("Send the link to choose a password"), permissions=["change"])
    def send_password_link(self, request: HttpRequest, users: models.QuerySet[User]) -> None:
        for user in users.filter(is_active=True):
            services.send_password_link(by=staff_actor(request), user=user)
        self.message_user(request, _("The links are on their way."), messages.SUCCESS)
