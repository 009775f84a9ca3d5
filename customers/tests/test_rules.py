"""customers.rules: names, domains, addresses of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers import rules


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "  ",
            "\t \u00a0",
            "...",
            "!?&",
            "😀",
            "A",
            "É",
            "Ж",
            "7",
            "GmbH",
            "gmbh.",
            "L.L.C.",
            "Pvt Ltd",
            "Pty. Ltd.",
        ),
        *("pty ltd", "Pte. Ltd", "Sdn Bhd", "SDN. BHD.", "c.p.a.", "C P A", "Co", "S.A.R.L.", "W.L.L.", "Z.r.t."),
        "Private  Limited",
        *("ООО", "O.O.O.", "Corporation", "Incorporated", "Limited", "( Ltd )", "Contoso\u202e", "Con\x00toso"),
    ],
)
def test_names_that_say_nothing(name: str) -> None:
    assert rules.why_not_a_company_name(name)


@pytest.mark.parametrize(
    "name", ["Contoso", "3M", "Ж Я", "株", "Company One", "Ltd Editions", "Żabka Sp. z o.o.", "O'Neil"]
)
def test_names_of_companies(name: str) -> None:
    assert rules.why_not_a_company_name(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("contoso.com", "internet address"),
        ("Contoso.PL ", "internet address"),
        ("xxx", "one character over and over"),
        ("AaAa", "one character over and over"),
        ("株株株", "one character over and over"),
        ("A B C", "single characters"),
        ("Ж Я", "single characters"),
    ],
)
def test_odd_names_are_accepted_with_a_warning(name: str, words: str) -> None:
    assert rules.why_not_a_company_name(name) is None
    assert words in str(rules.why_check_a_company_name(name))


@pytest.mark.parametrize("name", ["Contoso", "3M", "xx", "Booking.com B.V.", "Contoso Inc.", "A Bank", ".com", ""])
def test_ordinary_names_are_not_warned_about(name: str) -> None:
    assert rules.why_check_a_company_name(name) is None


@pytest.mark.parametrize(
    ("email", "is_fine"),
    [
        ("head@school.example", True),
        ("head@gmail.com", False),
        ("head@Outlook.com", False),
        ("head@school.onmicrosoft.com", False),
        ("head@onmicrosoft.com", False),
    ],
)
def test_a_school_has_an_address_of_its_own(email: str, is_fine: bool) -> None:
    why_not = rules.why_not_a_customer_email(email, partner_domain="", qualification="education")
    assert (why_not is None) is is_fine
    assert rules.why_not_a_customer_email(email, partner_domain="") is None


@pytest.mark.parametrize("prefix", ["a", "a1", "contoso", "con-toso", "9lives", "a" * 27])
def test_domains_that_fit(prefix: str) -> None:
    assert rules.why_not_a_domain_prefix(prefix) is None


@pytest.mark.parametrize("prefix", ["", "-a", "a-", "a.b", "a b", "Contoso", "zażółć", "a_b", "a" * 28, "a\n", "a@b"])
def test_domains_that_do_not(prefix: str) -> None:
    assert rules.why_not_a_domain_prefix(prefix)


@given(st.text(max_size=40))
def test_an_accepted_domain_is_a_host_name(prefix: str) -> None:
    if rules.why_not_a_domain_prefix(prefix) is None:
        assert prefix.isascii()
        assert prefix == prefix.lower().strip("-")
        assert 1 <= len(prefix) <= 27
        assert prefix.replace("-", "").isalnum()


@pytest.mark.parametrize(
    ("email", "partner_domain", "is_fine"),
    [
        ("a@customer.example", "", True),
        ("a@microsoft.com", "", False),
        ("a@MicroSoft.Com", "", False),
        ("a@notmicrosoft.com", "", True),
        ("a@northwind.example", "northwind.example", False),
        ("a@Northwind.Example", "NORTHWIND.example", False),
        ("a@sub.northwind.example", "northwind.example", False),
        ("a@sub.northwind.example.", "northwind.example", False),
        ("a@notnorthwind.example", "northwind.example", True),
        ("a@microsoft.com.example", "", False),
        ("a@b@microsoft.com", "", False),
    ],
)
def test_addresses_of_customers(email: str, partner_domain: str, is_fine: bool) -> None:
    assert (rules.why_not_a_customer_email(email, partner_domain=partner_domain) is None) is is_fine


def test_where_a_registration_number_is_needed() -> None:
    assert rules.needs_registration_number("PL")
    assert not rules.needs_registration_number("US")
    assert len(rules.REGISTRATION_COUNTRIES) == 24
