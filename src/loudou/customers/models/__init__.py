"""Nouns of customers."""

from loudou.customers.models.contact import Contact, Post
from loudou.customers.models.customer import Customer, CustomerMember, LineParty, OwnerChange
from loudou.customers.models.file import CustomerFile

__all__ = ["Contact", "Customer", "CustomerFile", "CustomerMember", "LineParty", "OwnerChange", "Post"]
