"""What the admin calls things."""

from django.urls import reverse

from tests.factories.cast import Company
from tests.visiting import Browsing


def test_moments_carry_their_zone_and_columns_are_named_in_words(
    northwind: Company, browsing: Browsing
) -> None:
    words = browsing(northwind.owner).get(reverse("admin:governance_user_changelist")).content.decode()
    assert f"{northwind.author.created_at:%b %Y, %H:%M} UTC" in words
    assert "May sign in" in words
    assert "Is active" not in words
