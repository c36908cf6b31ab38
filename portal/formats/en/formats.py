"""As on the portal's own pages; `e` is the zone."""

DATETIME_FORMAT = "j M Y, H:i e"
