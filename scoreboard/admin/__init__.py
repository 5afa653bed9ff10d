"""What officials and admins do over HTTP; reading competitions is for everybody.

competitions.py  made and changed from JSON or TOML, listed, shown
corrections.py   amend, void and restore a record, each with a reason; erase a payload
previewing.py    what corrections would change on every board
proposals.py     corrections that wait for a second official; approvals.py their door
records.py       all versions of a record: who, when, why, and which one counts
export.py        the ledger as NDJSON, to be checked elsewhere
proof/           a competition with all that proves it, taken out and checked offline
parked.py        contests that wait: retried or skipped, each with a reason
reconciliation.py  what was observed and decided and waits: linked, unlinked, dismissed
rulings.py       what was ruled about them: who, when, why
setup.py         templates, sports, checks and draws before a competition is made
rehearsals.py    a competition played at speed on the real screens
sayings.py       what is said in a rehearsal: what was said before, or what is made up
simulation.py    a competition made up from its definition and a seed
keys.py          API keys
"""
