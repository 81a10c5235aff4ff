"""The page about the API for people."""

import re

import pytest
from django.utils import translation

from loudou.api.documentation import areas, found
from loudou.api.v1.routes import schema

pytestmark = pytest.mark.django_db

CHINESE = re.compile(r"[一-鿿]")


def test_every_operation_is_on_the_page_of_its_area_in_both_languages(client, owner):
    wanted = {operation["operationId"] for item in schema()["paths"].values() for operation in item.values()}
    for language, word in (("en", "Partial update"), ("zh-hans", "部分更新")):
        owner.language = language
        owner.save()
        browser = client.as_(owner)
        overview, seen = browser.get("/api/v1/docs").content.decode(), set()
        assert word in overview
        for address in re.findall(r'href="(\?area=[^"]+)"', overview):
            page = browser.get(f"/api/v1/docs{address}").content.decode()
            seen |= set(re.findall(r'<details class="api-operation" id="([^"]+)"', page))
            assert not re.search(r"<script(?![^>]*src=)|style=|https?://(?!testserver|www.w3.org)", page)
        assert seen == wanted


def test_everything_that_the_page_says_is_chinese_for_readers_of_chinese():
    said = set()
    for area in areas():
        said.add(area.name)
        for operation in area.operations:
            said |= {operation.text, operation.body, *(field.text for field in operation.fields)}
    with translation.override("zh-hans"):
        left = [text for text in said - {""} if not CHINESE.search(translation.gettext(text))]
    assert left == []


def test_an_operation_is_found_by_address_and_by_what_it_does_in_the_readers_language(client, owner):
    def anchors(words):
        return {operation.anchor for area in found(words) for operation in area.operations}

    assert "create_customer" in anchors("post /customers")
    assert anchors("refund reverse") == {"reverse_refund"}
    with translation.override("zh-hans"):
        assert "post_receipt" in anchors("登记 到账")
    page = client.as_(owner).get("/api/v1/docs", {"q": "nothing-like-this"}).content.decode()
    assert "No operation has these words" in page


def test_an_area_that_does_not_exist_is_not_there(client, owner):
    assert client.as_(owner).get("/api/v1/docs?area=nonsense").status_code == 404


def test_an_example_has_the_fields_that_are_needed():
    create = next(
        operation
        for area in areas()
        if area.key == "customers"
        for operation in area.operations
        if (operation.method, operation.path) == ("POST", "/api/v1/customers")
    )
    needed = {field.name for field in create.fields if field.required and field.place == "body"}
    assert needed
    assert all(f'"{name}"' in create.example for name in needed)


def test_strangers_are_asked_to_sign_in(client):
    assert client.get("/api/v1/docs").headers["Location"] == "/sign-in/?next=%2Fapi%2Fv1%2Fdocs"


def test_what_a_body_means_stands_beside_its_fields():
    post = next(operation for area in areas() for operation in area.operations if operation.anchor == "post_receipt")
    assert post.body.startswith("Money that came in.")
    assert "what is left is an advance" in post.body.lower()
    assert all(field.text for field in post.fields if field.name in ("parts", "allocate", "key", "matures_on"))
