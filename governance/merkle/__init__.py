"""The mathematics of the ledger's log: its tree, its tiles, and the notes that sign it.

Nothing here knows the product or a database: what verifies outside the portal is made of the same files.
"""
