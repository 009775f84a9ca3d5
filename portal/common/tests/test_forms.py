"""The form base and the shared fields: wording, marks, what is kept, what is refused."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory

from portal.common.fields import (
    EmailAddressField,
    PastDateField,
    PersonNameField,
    PhoneField,
    RevealRadioSelect,
)
from portal.common.forms import PortalForm, Section, validation_answer

TODAY = datetime.date(2026, 11, 21)


class PersonForm(PortalForm):
    sections = (
        Section("person", "Primary contact", (("first_name", "last_name"), "email", "phone"), hint="Who signs"),
        Section("agreement", "Customer agreement", ("way", "agreed_on", "seen", "mpn")),
    )
    messages_required = {"seen": "Say that you have seen it"}

    first_name = PersonNameField(label="First name")
    last_name = PersonNameField(label="Last name")
    email = EmailAddressField(label="Email address", help_text="Where we write to")
    phone = PhoneField(label="Phone", region="PL")
    way = forms.ChoiceField(
        label="Way",
        choices=[("a", "Invite"), ("b", "Accepted")],
        widget=RevealRadioSelect(reveals={"b": "more"}),
    )
    agreed_on = PastDateField(label="Agreement acceptance date")
    seen = forms.BooleanField(label="Seen")
    mpn = forms.CharField(label="MPN ID")


GOOD = {
    "first_name": "Zoë",
    "last_name": "Żółć",
    "email": "Zoe.Z@Example.com",
    "phone": "22 594 10 00",
    "way": "b",
    "agreed_on": "2026-11-21",
    "seen": "on",
    "mpn": "123",
}


def person_form(**changes: Any) -> PersonForm:
    return PersonForm({**GOOD, **changes}, today=TODAY)


def message(field: str, **changes: Any) -> str:
    form = person_form(**changes)
    assert not form.is_valid()
    return form.errors[field][0]


def test_good_answers_are_kept_as_typed() -> None:
    form = person_form(first_name="  李 小龙 ")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["first_name"] == "李 小龙"
    assert form.cleaned_data["email"] == "Zoe.Z@Example.com"
    assert form.cleaned_data["phone"] == "+48225941000"
    assert form.cleaned_data["agreed_on"] == TODAY


def test_text_is_not_normalised() -> None:
    decomposed = "e\u0301"
    form = person_form(first_name=decomposed)
    assert form.is_valid()
    assert form.cleaned_data["first_name"] == decomposed


@pytest.mark.parametrize(
    "name",
    [
        "Zoë",
        "Ægisdóttir",
        "O'Neill-Łukasiewicz",
        "d’Artagnan",
        "Jean-Luc Ó Súilleabháin",
        "Nguyễn",
        "Z\u0351ofia",
        "李小龙",
        "𠮷野",
        "さくら",
        "김민준",
        "Елена",
        "Ελένη",
        "עומר",
        "الشريف",
        "محمد\u200cرضا",
        "क्\u200dषिति",
        "ประเสริฐ",
        "தமிழ்ச்செல்வி",
        "ბარბარე",
        "Մարիամ",
        "ሰላም",
        "ᐊᓗᒃ",
        "X Æ A-12",
        "Ada 🦊",
        "Mary\u00a0Ann",
    ],
)
def test_names_of_every_script_are_kept_as_typed(name: str) -> None:
    form = person_form(first_name=name)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["first_name"] == name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("...", "Enter at least one letter"),
        ("🦊", "Enter at least one letter"),
        ("\u200d", "Enter at least one letter"),
        ("Ada\u202egnal", "Type this anew: it holds invisible characters that change how it reads"),
        ("Ada\nBcc", "Type this anew: it holds invisible characters that change how it reads"),
    ],
)
def test_what_names_nobody_is_refused_and_kept(name: str, words: str) -> None:
    assert message("first_name", first_name=name) == words
    assert person_form(first_name=name)["first_name"].value() == name


@pytest.mark.parametrize("make", [dict, lambda: QueryDict("", mutable=True)])
def test_nul_characters_are_dropped(make: Any) -> None:
    data = make()
    data.update({**GOOD, "last_name": "Ż\x00ółć"})
    form = PersonForm(data, today=TODAY)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["last_name"] == "Żółć"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("first_name", "Enter the first name"),
        ("email", "Enter the email address"),
        ("way", "Choose the way"),
        ("agreed_on", "Enter the agreement acceptance date"),
        ("seen", "Say that you have seen it"),
        ("mpn", "Enter the MPN ID"),
    ],
)
def test_missing_answers_say_what_to_do(field: str, words: str) -> None:
    assert message(field, **{field: ""}) == words


def test_a_tick_box_without_words_of_its_own_names_its_label() -> None:
    class TickForm(PortalForm):
        seen = forms.BooleanField(label="I have seen it")

    assert TickForm({}).errors["seen"] == ["Tick “I have seen it” to continue"]


def test_too_long_says_both_numbers_and_keeps_the_text() -> None:
    form = person_form(first_name="x" * 51)
    assert form.errors["first_name"] == ["Use at most 50 characters (you typed 51)"]
    assert form["first_name"].value() == "x" * 51
    assert "maxlength" not in str(form["first_name"])


def test_text_without_a_limit_of_its_own_stops_somewhere() -> None:
    assert message("mpn", mpn="1" * 2001) == "Use at most 2000 characters (you typed 2001)"


def test_an_email_of_255_characters_is_refused() -> None:
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example"
    assert person_form(email=address + "x" * (254 - len(address))).is_valid()
    assert "254" in message("email", email=address + "x" * (255 - len(address)))


def test_an_unfinished_email_shows_the_format() -> None:
    assert message("email", email="zoe@") == "Enter an email address in the correct format, like name@example.com"


@pytest.mark.parametrize("typed", ["+48 22 594 10 00", "(22) 594-10-00", "0048225941000"])
def test_phone_is_read_in_national_and_international_form(typed: str) -> None:
    form = person_form(phone=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone"] == "+48225941000"


def test_phone_may_be_left_out() -> None:
    form = person_form(phone="")
    assert form.is_valid()
    assert form.cleaned_data["phone"] == ""


@pytest.mark.parametrize("typed", ["12", "call me", "9" * 500, "+999 1234"])
def test_a_wrong_phone_gets_an_example_of_the_region(typed: str) -> None:
    words = message("phone", phone=typed)
    assert words.startswith("Enter a phone number in national or international form, for example ")
    assert "{" not in words


def test_an_extension_is_refused_rather_than_lost() -> None:
    assert message("phone", phone="22 594 10 00 ext. 12") == "Enter the phone number without an extension"


def test_the_region_of_a_phone_may_come_late_and_be_unknown() -> None:
    form = person_form(phone="08-123 456 78")
    form.fields["phone"].set_region("SE")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone"] == "+46812345678"
    unknown = person_form(phone="22 594 10 00")
    unknown.fields["phone"].set_region("XX")
    assert "+44" in unknown.errors["phone"][0]


def test_tomorrow_is_refused_in_the_words_of_the_seed() -> None:
    assert message("agreed_on", agreed_on="2026-11-22") == "The acceptance date must be today or earlier"


@pytest.mark.parametrize("typed", ["0001-01-01", "1899-12-31"])
def test_years_before_1900_are_refused(typed: str) -> None:
    assert message("agreed_on", agreed_on=typed) == "Enter a date with a year of 1900 or later"


@pytest.mark.parametrize("typed", ["2026-02-30", "yesterday", "31/03/2026"])
def test_what_is_no_date_is_refused_and_kept(typed: str) -> None:
    form = person_form(agreed_on=typed)
    assert form.errors["agreed_on"] == [
        "Enter a real date as year, month and day, for example 2026-03-31",
    ]
    assert form["agreed_on"].value() == typed


def test_a_date_field_without_today_is_a_programming_error() -> None:
    with pytest.raises(ImproperlyConfigured, match="today="):
        PersonForm(GOOD).is_valid()


def test_the_page_carries_the_marks() -> None:
    html = render_crispy_form(person_form(email="zoe@", way=""))
    assert 'id="section-person"' in html
    assert 'aria-describedby="section-person-hint"' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_email_error"' in html
    assert 'data-reveal="more"' in html
    assert 'role="radiogroup" aria-required="true" aria-describedby="id_way_error"' in html
    assert 'max="2026-11-21"' in html
    assert 'data-today-for="id_agreed_on"' in html
    assert html.count("(optional)") == 1
    assert "asterisk" not in html
    assert " required" not in html


def test_fields_in_no_section_are_a_programming_error() -> None:
    class Forgetful(PersonForm):
        extra = forms.CharField()

    with pytest.raises(ImproperlyConfigured, match="extra"):
        render_crispy_form(Forgetful(today=TODAY))


def test_a_section_may_name_fields_that_the_form_dropped() -> None:
    form = person_form()
    del form.fields["last_name"], form.fields["mpn"]
    html = render_crispy_form(form)
    assert "id_first_name" in html
    assert "id_last_name" not in html


def test_marks_follow_what_a_form_decides_late() -> None:
    form = person_form()
    form.fields["phone"].required, form.fields["mpn"].required = True, False
    assert 'aria-required="true"' in str(form["phone"])
    assert "aria-required" not in str(form["mpn"])


def test_the_browsers_address_book_stays_out_except_where_it_is_asked_in() -> None:
    form = person_form()
    form.fields["mpn"].widget.attrs["autocomplete"] = "organization"
    for name in ("first_name", "email", "phone"):
        assert str(form[name]).count('autocomplete="off"') == 1
    assert 'autocomplete="organization"' in str(form["mpn"])


def test_problems_stand_in_the_order_of_the_page() -> None:
    class Reordered(PersonForm):
        sections = (PersonForm.sections[1], PersonForm.sections[0])

    problems = [problem.field_id for problem in Reordered({}, prefix="x", today=TODAY).error_list()]
    named = ["way_0", "agreed_on", "seen", "mpn", "first_name", "last_name", "email"]
    assert problems == [f"id_x-{name}" for name in named]


def test_error_list_links_to_inputs_under_a_prefix() -> None:
    form = PersonForm({}, prefix="contact", today=TODAY)
    problems = {problem.field_id: problem.message for problem in form.error_list()}
    assert problems["id_contact-first_name"] == "Enter the first name"
    assert problems["id_contact-way_0"] == "Choose the way"
    assert 'id="section-contact-person"' in render_crispy_form(form)


def test_error_summary_takes_several_forms_and_whole_form_messages() -> None:
    first, second = person_form(email="zoe@"), PersonForm({}, prefix="other", today=TODAY)
    first.add_error(None, "The two names are the same")
    html = render_to_string("components/error_summary.html", {"forms": [first, second]})
    assert "There is a problem" in html
    assert 'role="alert" tabindex="-1"' in html
    assert 'href="#id_email"' in html
    assert 'href="#id_other-first_name"' in html
    assert "<li>The two names are the same</li>" in html


def test_error_summary_is_empty_when_nothing_is_wrong() -> None:
    assert "There is a problem" not in render_to_string("components/error_summary.html", {"form": person_form()})


def test_validation_answer_speaks_of_the_named_field_only() -> None:
    request = RequestFactory().post("/", headers={"X-Validate-Field": "email"})
    answer = validation_answer(request, person_form(email="zoe@", first_name=""))
    assert answer is not None
    assert json.loads(answer.content) == {
        "errors": ["Enter an email address in the correct format, like name@example.com"],
        "warnings": [],
    }
    assert answer["Cache-Control"] == "no-store"


def test_validation_answer_finds_the_form_by_prefix_and_ignores_unknown_names() -> None:
    pair = [person_form(), PersonForm({}, prefix="other", today=TODAY)]
    found = validation_answer(RequestFactory().post("/", headers={"X-Validate-Field": "other-email"}), pair)
    unknown = validation_answer(RequestFactory().post("/", headers={"X-Validate-Field": "nothing"}), pair)
    assert found is not None
    assert json.loads(found.content) == {"errors": ["Enter the email address"], "warnings": []}
    assert unknown is not None
    assert json.loads(unknown.content) == {"errors": [], "warnings": []}


def test_an_ordinary_submission_gets_no_validation_answer() -> None:
    assert validation_answer(RequestFactory().post("/"), person_form()) is None


class OddNameForm(PortalForm):
    """Accepts any name, and wonders about a short one."""

    name = forms.CharField(label="Name", help_text="In full.")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if len(name) < 3:
            self.add_warning("name", "Make sure the name is correct")
        if name == "!":
            raise forms.ValidationError("Enter a name")
        return name


def test_a_warning_is_shown_and_described_and_stops_nobody() -> None:
    form = OddNameForm({"name": "Ö"})
    assert form.is_valid()
    assert form.error_list() == []
    assert form["name"].warnings == ["Make sure the name is correct"]
    html = render_to_string("components/field.html", {"field": form["name"]})
    assert 'id="id_name_warning"' in html
    assert 'aria-describedby="id_name_helptext id_name_warning"' in html
    assert "aria-invalid" not in html


def test_an_error_leaves_the_warning_out() -> None:
    form = OddNameForm({"name": "!"})
    assert not form.is_valid()
    assert form["name"].warnings == []
    assert "id_name_warning" not in render_to_string("components/field.html", {"field": form["name"]})


def test_validation_answer_has_the_warning_too() -> None:
    request = RequestFactory().post("/", headers={"X-Validate-Field": "name"})
    for typed, errors, warnings in (("Ö", 0, 1), ("!", 1, 0), ("Zoë", 0, 0)):
        answer = validation_answer(request, OddNameForm({"name": typed}))
        assert answer is not None
        said = json.loads(answer.content)
        assert (len(said["errors"]), len(said["warnings"])) == (errors, warnings)
