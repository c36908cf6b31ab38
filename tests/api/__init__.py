"""The API, asked over HTTP: one file per endpoint, then what holds for all of them."""
