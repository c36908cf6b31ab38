"""The admin for platform owners: what they set up, through the services; what is governed, to read."""

from governance.admin import access, accounts, governed

__all__ = ["access", "accounts", "governed"]
