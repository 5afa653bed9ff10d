"""The types of entries about the ledger itself."""

ERASED = "ledger.erased"
"""A payload was erased; data: `position` of the erased entry and the `reason`."""

EXPORTED = "ledger.exported"
"""Somebody took entries out; data: `competition` (null: all), `after` and `upto`."""
