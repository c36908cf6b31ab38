"""The API as a whole: who calls, what is refused, how a page and an error look, and its documentation."""
