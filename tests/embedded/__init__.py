"""The services that come with a checkout, started for real in folders of the tests' own."""
