"""The sign-in library's forms speak the house's words."""

from __future__ import annotations

import pytest
from django import forms

from portal.common.forms import error_list
from portal.common.signin_forms import ForgottenPasswordForm, NewPasswordForm, OwnPasswordForm, SignInForm


@pytest.mark.parametrize(
    ("form", "messages"),
    [
        (SignInForm({}), ["Enter the email address", "Enter the password"]),
        (ForgottenPasswordForm({}), ["Enter the email address"]),
        (NewPasswordForm({}), ["Enter the new password", "Enter the new password again"]),
        (
            OwnPasswordForm(data={}),
            ["Enter the current password", "Enter the new password", "Enter the new password again"],
        ),
    ],
)
def test_missing_answers_say_what_to_do(form: forms.Form, messages: list[str]) -> None:
    assert [problem.message for problem in error_list(form)] == messages


def test_labels_are_not_repeated_inside_the_boxes() -> None:
    form = SignInForm()
    assert "placeholder" not in form.as_p()
    assert 'autocomplete="current-password"' in form.as_p()
