"""Questions about customers and contacts; every answer starts at `visible_to`."""

from loudou.customers.selectors.contacts import contact_rows, contacts_by, contacts_of, get_contact
from loudou.customers.selectors.customers import customer_rows, customers_by, get_customer
from loudou.customers.selectors.search import search_contacts, search_customers

__all__ = [
    "contact_rows",
    "contacts_by",
    "contacts_of",
    "customer_rows",
    "customers_by",
    "get_contact",
    "get_customer",
    "search_contacts",
    "search_customers",
]
