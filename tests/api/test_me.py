"""GET /me/"""

from governance.access.permissions import Scope
from tests.api.callers import by_token
from tests.factories.cast import Company


def test_a_token_says_whose_it_is_and_never_its_secret(northwind: Company) -> None:
    caller = by_token(northwind.auditor, northwind, scopes=frozenset({Scope.READ}))
    answer = caller.get("me/")
    found = answer.json()
    assert found["name"] == northwind.auditor.name
    assert [organisation["slug"] for organisation in found["organisations"]] == ["northwind"]
    assert found["token"]["scopes"] == ["read"]
    assert found["token"]["prefix"] in caller.secret
    assert caller.secret.split("_", 2)[2] not in answer.content.decode()
