"""The suite. It mirrors the source; `tests/harness` brings up what the tests run against."""
