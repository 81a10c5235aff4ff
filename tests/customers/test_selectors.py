"""Finding, matching and hinting."""

import pytest
from django.db import connection

from loudou.core.searchtext import matches
from loudou.customers import selectors, services
from loudou.customers.choices import DuplicateReason
from loudou.customers.models import Contact, Customer
from loudou.customers.services import ContactDraft, CustomerDraft, PostDraft

pytestmark = pytest.mark.django_db
TENCENT = "91440300708461136T"


@pytest.fixture
def create(now):
    def make(actor, name, **facts):
        return services.create_customer(actor, CustomerDraft(name=name, **facts), at=now)

    return make


def names(rows):
    return [row.name for row in rows]


@pytest.mark.parametrize(
    "query", ["上海申达", "申达", "申", "海申", "shenda", "SHEN", "上海申达机械有限公司", "上海 机械"]
)
def test_customers_are_found_in_chinese_and_latin(owner, create, query):
    create(owner, "上海申达机械有限公司", aliases=("Shenda Machinery",))
    create(owner, "北京东方重工集团")
    assert names(selectors.search_customers(owner, query, limit=5)) == ["上海申达机械有限公司"]


def test_the_same_name_comes_first_then_names_that_begin_so(owner, create):
    for name in ("大连华北重工", "华北重工装备", "华北重工", "中国华北重工"):
        create(owner, name)
    assert names(selectors.search_customers(owner, "华北重工", limit=3)) == ["华北重工", "华北重工装备", "中国华北重工"]


def test_a_phone_is_found_however_it_is_written(owner, create):
    create(owner, "Acme", phones=("021-5555 1234",))
    assert names(selectors.search_customers(owner, "(021) 5555-1234", limit=5)) == ["Acme"]


def test_wildcards_and_nothing_find_nothing(owner, create):
    create(owner, "Acme")
    for query in ("", "  ", "%", "_", "%%%", "\\"):
        assert selectors.search_customers(owner, query, limit=5) == []


def test_search_stays_within_what_one_sees(owner, colleague, stranger, manager, executive, create):
    create(owner, "Acme")
    found = {
        user.username: len(selectors.search_customers(user, "acme", limit=5))
        for user in (owner, colleague, stranger, manager, executive)
    }
    assert found == {"owner": 1, "colleague": 0, "stranger": 0, "manager": 1, "executive": 1}


def test_contacts_are_found_within_what_one_sees(owner, stranger, create):
    customer = create(owner, "Acme")
    services.create_contact(
        owner, ContactDraft(name="王晓明", emails=("wxm@example.com",), post=PostDraft(customer_id=customer.pk))
    )
    for query in ("王", "晓明", "wxm@example"):
        assert names(selectors.search_contacts(owner, query, limit=5)) == ["王晓明"]
        assert selectors.search_contacts(stranger, query, limit=5) == []


def test_one_search_is_one_statement(executive, create, owner, django_assert_num_queries):
    create(owner, "Acme")
    with django_assert_num_queries(1):
        assert len(selectors.search_customers(executive, "acme", limit=5)) == 1
    with django_assert_num_queries(1):
        selectors.search_contacts(executive, "acme", limit=5)


def test_keys_match_as_given_and_only_what_one_sees(owner, stranger, create, django_assert_num_queries):
    known = create(owner, "Acme Ltd", external_id="A-1", credit_code=TENCENT)
    create(stranger, "acme  LTD")
    owner.reach("customers.customer").remember("shared customers", list)
    with django_assert_num_queries(1):
        assert selectors.customers_by(owner, "name", [" ACME  Ltd", "Acme GmbH", ""]) == {" ACME  Ltd": [known.pk]}
    assert selectors.customers_by(owner, "external_id", ["A-1", "a-1"]) == {"A-1": [known.pk]}
    assert selectors.customers_by(owner, "credit_code", ["9144 0300-7084 6113 6t"]) == {
        "9144 0300-7084 6113 6t": [known.pk]
    }


def test_contacts_match_by_mail_and_phone(owner):
    contact = services.create_contact(owner, ContactDraft(name="Wang", emails=("w@x.com",), phones=("138 0013 8000",)))
    assert selectors.contacts_by(owner, "emails", ["W@x.com", "v@x.com"]) == {"W@x.com": [contact.pk]}
    assert selectors.contacts_by(owner, "phones", ["138-0013-8000"]) == {"138-0013-8000": [contact.pk]}
    assert selectors.contacts_by(owner, "name", ["WANG"]) == {"WANG": [contact.pk]}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"name": "上海申达机械（集团）有限公司", "credit_code": TENCENT}, DuplicateReason.CREDIT_CODE),
        ({"name": "上海 申达机械"}, DuplicateReason.NAME),
        ({"name": "上海申达机械股份有限公司"}, DuplicateReason.NAME),
        ({"website": "http://shenda.example.com/contact"}, DuplicateReason.WEBSITE),
        ({"phones": ["021 5555 1234"]}, DuplicateReason.PHONE),
    ],
)
def test_hints_say_why(owner, create, typed, reason):
    known = create(
        owner,
        "上海申达机械有限公司",
        credit_code=TENCENT,
        website="www.shenda.example.com",
        phones=("021-55551234",),
    )
    (hint,) = selectors.duplicate_hints(owner, **typed)
    assert (hint.reason, hint.customer, hint.is_owned) == (reason, known, True)
    assert selectors.duplicate_hints(owner, **typed, besides=known.pk) == []


def test_a_foreign_duplicate_shows_nothing_but_that_it_exists(owner, stranger, create):
    create(stranger, "Acme Ltd")
    (hint,) = selectors.duplicate_hints(owner, name="ACME, Ltd.")
    assert (hint.reason, hint.customer, hint.is_owned) == (DuplicateReason.NAME, None, True)


def test_nothing_typed_hints_at_nothing(owner, create, django_assert_num_queries):
    create(owner, "Acme")
    with django_assert_num_queries(0):
        assert selectors.duplicate_hints(owner, name=" ", phones=["12"], credit_code="9144") == []


def test_lists_show_present_posts_at_visible_customers(owner, stranger, create):
    mine, foreign = create(owner, "Mine"), create(stranger, "Foreign")
    contact = services.create_contact(
        owner, ContactDraft(name="Wang", post=PostDraft(customer_id=mine.pk, title="CTO"))
    )
    contact.posts.create(customer=foreign, title="Advisor")
    row = selectors.contact_rows_with_posts(owner).get()
    assert row.present_posts == [{"customer_id": mine.pk, "customer": "Mine", "title": "CTO", "department": ""}]


@pytest.mark.parametrize("query", ["阀", "阀门", "离心泵", "va", "valve"])
@pytest.mark.parametrize(("model", "index"), [(Customer, "customer_search"), (Contact, "contact_search")])
def test_words_of_any_length_can_be_answered_by_the_index(query, model, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in model.objects.filter(matches(query)).order_by().explain()
