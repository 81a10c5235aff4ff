"""The page about the API for people."""

import re

import pytest

from loudou.api.documentation import areas
from loudou.api.v1.routes import schema

pytestmark = pytest.mark.django_db


def test_every_operation_is_on_the_page_in_both_languages(client, owner):
    wanted = {operation["operationId"] for item in schema()["paths"].values() for operation in item.values()}
    for language, word in (("en", "Partial update"), ("zh-hans", "部分更新")):
        owner.language = language
        owner.save()
        answer = client.as_(owner).get("/api/v1/docs")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert word in page
        assert set(re.findall(r'<details class="card-body border-bottom" id="([^"]+)"', page)) == wanted
        assert not re.search(r"<script(?![^>]*src=)|style=|https?://(?!testserver|www.w3.org)", page)


def test_an_example_has_the_fields_that_are_needed():
    create = next(
        operation
        for area in areas()
        if area.name == "customers"
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
