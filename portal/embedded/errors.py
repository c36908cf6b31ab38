"""What goes wrong with embedded services, in words for the person at the terminal."""


class EmbeddedError(Exception):
    """An embedded service cannot do what was asked; the message says what to do about it."""


class NotInstalled(EmbeddedError):
    """No prebuilt wheel of this service is installed; the message names the address to set instead."""
