"""Two workers share the suite without building anything twice."""

from tests.harness.scheduling import scope


def test_a_files_tests_stay_together_and_browser_tests_share_one_demonstration() -> None:
    assert scope("tests/ledger/test_door.py::test_a") == scope("tests/ledger/test_door.py::test_b[c::d]")
    assert scope("tests/ledger/test_door.py::test_a") != scope("tests/ledger/test_record.py::test_a")
    assert scope("tests/e2e/test_trace.py::test_a") == scope("tests/e2e/test_every_page.py::test_b")
