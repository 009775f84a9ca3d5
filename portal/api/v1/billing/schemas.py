"""Invoices as they would go over the wire."""

from portal.api.v1.wire import Amount, Attributes, Links, Wire, WireTime


class Invoice(Wire):
    id: str
    invoice_date: WireTime
    total_charges: Amount
    paid_amount: Amount
    currency_code: str
    invoice_type: str
    attributes: Attributes = Attributes(object_type="Invoice")


class InvoiceSummary(Wire):
    """balance_amount: what is still to be paid."""

    balance_amount: Amount
    links: Links | None = None
    attributes: Attributes = Attributes(object_type="InvoiceSummary")
