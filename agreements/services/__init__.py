"""Every write to agreements: one module a subject, one import path for all."""

from agreements.services.gate import Clearance, require_acceptance
from agreements.services.importing import record_imported
from agreements.services.onboarding import AskedQualification, NewCustomer, Onboarded, onboard_customer
from agreements.services.recording import (
    attest_on_behalf,
    confirm_acceptance,
    mark_invited,
    permission_to_withdraw,
    record_direct_acceptance,
    withdraw_acceptance,
)
from agreements.services.records import Acceptance, Person
from agreements.services.standing import correct_standing, refresh_standing
from agreements.services.templates import add_document, create_template, delete_document, delete_template

__all__ = [
    "Acceptance",
    "AskedQualification",
    "Clearance",
    "NewCustomer",
    "Onboarded",
    "Person",
    "add_document",
    "attest_on_behalf",
    "confirm_acceptance",
    "correct_standing",
    "create_template",
    "delete_document",
    "delete_template",
    "mark_invited",
    "onboard_customer",
    "permission_to_withdraw",
    "record_direct_acceptance",
    "record_imported",
    "refresh_standing",
    "require_acceptance",
    "withdraw_acceptance",
]
