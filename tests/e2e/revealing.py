"""Contents of the demonstration are personal data: what people do to read them."""

from playwright.sync_api import expect

from tests.e2e.browser import Visitor


def reveal(person: Visitor, within: str) -> None:
    """By keys, say what for and why, and come back to the page."""
    page = person.page
    masked = page.locator(f"{within} .masked").first
    expect(masked).to_contain_text("Personal data, masked.")
    masked.get_by_role("link", name="Reveal…").press("Enter")
    page.get_by_label("What you need it for").select_option(label="A complaint")
    assert person.axe_findings() == []
    page.get_by_label("Why").fill("The customer asks who approved this answer.")
    page.get_by_role("button", name="Reveal").press("Enter")
    expect(page.get_by_text("Revealed to you for five minutes").first).to_be_visible()
