"""The page on access says exactly what the permission table says."""

import re

import pytest

from hilum.access.account import FREE_FAILURES, SESSION_IDLE, SESSION_LIFE
from hilum.access.passwords import LEAST
from hilum.access.roles import PERMISSIONS
from hilum.settings import Settings
from tests.docs.pages import Page, page


@pytest.fixture(params=["zh", "en"])
def manual(request: pytest.FixtureRequest) -> Page:
    return page(f"docs/guide/{request.param}/access.md")


def test_the_table_has_every_permission_with_exactly_its_roles(manual: Page) -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ((?:`\w+` ?)+)\|$", manual.text, re.MULTILINE)
    told = {permission: set(re.findall(r"`(\w+)`", roles)) for permission, roles in rows}
    assert len(rows) == len(told)
    assert told == {permission: {role.value for role in roles} for permission, roles in PERMISSIONS.items()}


def test_the_figures_are_those_of_the_code(manual: Page) -> None:
    hours = SESSION_LIFE.total_seconds() / 3600, SESSION_IDLE.total_seconds() / 3600
    assert (LEAST, FREE_FAILURES, hours, Settings.__dataclass_fields__["rate_limit"].default) == (12, 5, (12, 1), 1000)
    assert re.search(r"\b12 (characters|个字符)", manual.text)
    assert re.search(r"five wrong|输错 5 次", manual.text)
    assert "1000" in manual.text
