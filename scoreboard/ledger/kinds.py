"""The type of the entry that the ledger writes about itself."""

ERASED = "ledger.erased"
"""A payload was erased; data: `position` of the erased entry and the `reason`."""
