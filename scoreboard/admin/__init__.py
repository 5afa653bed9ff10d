"""What officials and admins do over HTTP; reading competitions is for everybody.

competitions.py  made and changed from JSON or TOML, listed, shown
corrections.py   amend, void and restore a record, each with a reason; erase a payload
records.py       all versions of a record: who, when, why, and which one counts
export.py        the ledger as NDJSON, to be checked elsewhere
parked.py        contests that wait: retried or skipped, each with a reason
reconciliation.py  what was observed and decided and waits: linked, unlinked, dismissed
rulings.py       what was ruled about them: who, when, why
keys.py          API keys
"""
