"""What every kind of record promises to programs: made once, changed only when read before, within scopes."""

import pytest

pytestmark = pytest.mark.django_db

KINDS = {
    # kind: (what is sent to make one, a change, the permission of making, of seeing)
    "customers": ({"name": "Acme"}, {"name": "Acme Ltd"}, "customers.add", "customers.view"),
    "contacts": ({"name": "Wang Wei"}, {"name": "Wang Wei Jr"}, "customers.add", "customers.view"),
    "products": ({"name": "Pump 300"}, {"name": "Pump 301"}, "catalog.configure", "catalog.view"),
    "competitors": ({"name": "Globex"}, {"name": "Globex AG"}, "pipeline.configure", "pipeline.view"),
    "teams": ({"name": "North-West"}, {"name": "North"}, "people.manage", "people.view"),
    "users": ({"username": "lina", "name": "Li Na"}, {"name": "Li Na Na"}, "people.manage", "people.view"),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_a_repeated_request_makes_one_record(with_token, administrator, kind):
    body = KINDS[kind][0]
    program, key = with_token(administrator), {"Idempotency-Key": f"make-{kind}"}
    first = program.post(f"/api/v1/{kind}", body, headers=key)
    again = program.post(f"/api/v1/{kind}", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = program.post(f"/api/v1/{kind}", body | {"name": "Another"}, headers=key)
    assert other.status_code == 422


@each_kind
def test_a_change_names_the_version_it_is_based_on(with_token, administrator, kind):
    body, change, *_permissions = KINDS[kind]
    program = with_token(administrator)
    made = program.post(f"/api/v1/{kind}", body).json()
    address = f"/api/v1/{kind}/{made['id']}"
    assert program.patch(address, change).status_code == 428
    changed = program.patch(address, change, headers={"If-Match": f'"{made["version"]}"'})
    assert (changed.status_code, changed.json()["name"]) == (200, change["name"])
    stale = program.patch(address, {"name": "Too late"}, headers={"If-Match": f'"{made["version"]}"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_write")
    assert stale.json()["current"]["name"] == change["name"]


@each_kind
def test_a_token_does_no_more_than_its_scopes(with_token, administrator, kind):
    body, _change, making, seeing = KINDS[kind]
    reader = with_token(administrator, [seeing])
    assert reader.get(f"/api/v1/{kind}").status_code == 200
    refused = reader.post(f"/api/v1/{kind}", body)
    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/problem+json")
    names = [row["name"] for row in reader.get(f"/api/v1/{kind}").json()["items"]]
    assert body["name"] not in names
    writer = with_token(administrator, [making, seeing])
    assert writer.post(f"/api/v1/{kind}", body).status_code == 201


@each_kind
def test_what_is_wrong_is_said_in_the_users_language(with_token, administrator, kind):
    administrator.language = "zh-hans"
    administrator.save()
    problem = with_token(administrator).post(f"/api/v1/{kind}", KINDS[kind][0] | {"name": ""}).json()
    assert problem["status"] == 422
    assert "name" in str(problem["errors"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in str(problem["errors"]))
