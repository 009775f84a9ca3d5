"""What the demo's agents did with their customers afterwards: tags, bill-to, views of the list, one goodbye."""

from dataclasses import replace

from customers.models import Qualification
from customers.services import (
    bill_to_of,
    save_bill_to,
    save_contact,
    save_view,
    set_qualification,
    set_tags,
)
from customers.services.details import ContactDetails
from orders.services import remove_customer
from portal.dashboard.demo.accounts import ADA, LOTTE, MERIDIAN, SAM, VISTULA
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.records import Customers

TAGS = (
    (VISTULA, SAM, "zuraw-logistyka", ("Key account", "Logistics")),
    (VISTULA, SAM, "bursztyn-software", ("Key account", "Renewal in spring")),
    (VISTULA, SAM, "mueller-werkzeugbau", ("Manufacturing", "Renewal in spring")),
    (VISTULA, ADA, "weisswasser-glas", ("Manufacturing",)),
    (VISTULA, ADA, "nordlicht-wind", ("Key account", "Energy")),
    (VISTULA, ADA, "kolej-puszcza", ("Public sector",)),
    (VISTULA, SAM, "modrzew-meble", ("Manufacturing",)),
    (VISTULA, SAM, "jaskolka-wydawnictwo", ("Renewal in spring",)),
    (MERIDIAN, LOTTE, "harborline-marine", ("Through resellers",)),
    (MERIDIAN, LOTTE, "nowa-huta-spawanie", ("Through resellers", "Manufacturing")),
)
VIEWS = (
    (VISTULA, SAM, "To confirm this week", {"standing": "missing"}, ()),
    (
        VISTULA,
        ADA,
        "Renewals",
        {"standing": "stale", "sort": "agreement"},
        ("domain", "agreement", "contact", "tags"),
    ),
)
LEFT = "halvorsen-granite"


def load_care(cast: Cast, customers: Customers) -> None:
    for partner, agent, prefix, names in TAGS:
        set_tags(by=cast.agent(agent, partner), customer=customers[partner, prefix][1], names=names)
    for partner, agent, name, filters, columns in VIEWS:
        save_view(
            by=cast.agent(agent, partner),
            partner=cast.partners[partner],
            name=name,
            filters=filters,
            columns=columns,
            submit_key=f"demo-view-{name}",
        )
    _change_some_accounts(cast, customers)
    goodbye = customers[VISTULA, LEFT][1]
    remove_customer(by=cast.agent(ADA, VISTULA), customer=goodbye, submit_key="demo-goodbye")


def _change_some_accounts(cast: Cast, customers: Customers) -> None:
    by = cast.agent(ADA, VISTULA)
    railway = customers[VISTULA, "kolej-puszcza"][1]
    railway.refresh_from_db()
    set_qualification(by=by, customer=railway, qualification=Qualification.STATE_OWNED, version=railway.version)
    logistics = customers[VISTULA, "zuraw-logistyka"][1]
    office = replace(bill_to_of(logistics, None), address_line1="ul. Księgowa 4", email="faktury@zuraw.example")
    save_bill_to(by=by, customer=logistics, details=office, version=0)
    clerk = ContactDetails(
        first_name="Bożena", last_name="Dźwigała", email="bozena.dzwigala@zuraw.example", phone="+48583012345"
    )
    save_contact(by=by, customer=logistics, details=clerk)
