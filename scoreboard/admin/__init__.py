"""What officials and admins do over HTTP; reading competitions is for everybody.

before
    setup.py           templates, checks and draws
    competitions.py    made and changed from JSON or TOML, listed, shown; rules.py their versions
    rehearsals.py      played on the real screens: sayings.py what was said, simulation.py made up
what was said
    log.py             a competition's entries; log_streams.py as they come
    records.py         all versions of a record
    payloads.py        what may be said, by type of event
putting right
    corrections.py     amend, void, restore one record; erase a payload
    signing.py         several, previewed and then made together; undo.py taken back selectively
    previewing.py      what they would change on every board
    proposals.py       those that wait for a second official; approvals.py their door
results
    results.py         the state of a contest's result, and who said what of it
    reveal.py          shown step by step after a freeze
what waits
    parked.py          contests that could not be folded
    reconciliation.py  observations and decisions that were not joined; rulings.py what was ruled
who may, and who did
    keys.py            API keys; sessions.py logins with them
    audit.py           who did what, and who was refused
taken out
    export.py          the ledger as NDJSON
    proof/             a competition with all that proves it, checked offline
"""
