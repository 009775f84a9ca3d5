"""What is typed while ordering. Bounds of quantities are the rules' business; forms ask for whole numbers."""

from orders.forms.cart import CartForm
from orders.forms.catalog import CatalogForm
from orders.forms.fields import QUANTITY, SEND_AGAIN, QuantityField
from orders.forms.filters import PlacedForm
from orders.forms.licences import LicenceCountForm
from orders.forms.review import SubmitOrderForm, as_reviewed

__all__ = [
    "QUANTITY",
    "SEND_AGAIN",
    "CartForm",
    "CatalogForm",
    "LicenceCountForm",
    "PlacedForm",
    "QuantityField",
    "SubmitOrderForm",
    "as_reviewed",
]
