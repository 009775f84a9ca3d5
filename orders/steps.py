"""What orders ask in New customer: the products that the customer is to begin with."""

from customers.steps import COMPANY
from customers.wizard import Step, StepContext, Typed
from orders.forms.products import ProductsForm
from orders.shelf import REMOVE, settle, shelf_of

PRODUCTS = "products"
#: The name of the buttons that take a line out: like the search, they do not lead on.
REMOVES = f"{PRODUCTS}-{REMOVE}"
# The page of New customer that asks for the country.
ACCOUNT = "account"


def build_products(typed: Typed | None, context: StepContext, initial: dict[str, str]) -> ProductsForm:
    country = context.kept.get(ACCOUNT, {}).get(f"{COMPANY}-country", "")
    shelf = shelf_of(initial, country=country, is_sandbox=context.membership.partner.is_sandbox)
    return ProductsForm(typed, prefix=PRODUCTS, initial=initial, shelf=shelf)


def settle_products(typed: Typed) -> dict[str, str]:
    """The page's answers by HTML name, as they are kept once the page was sent."""
    prefix = f"{PRODUCTS}-"
    said = {name.removeprefix(prefix): value for name, value in typed.items() if name.startswith(prefix)}
    others = {name: value for name, value in typed.items() if not name.startswith(prefix)}
    return others | {f"{prefix}{name}": value for name, value in settle(said).items()}


PRODUCTS_STEP = Step(PRODUCTS, build_products, settle=settle_products)
