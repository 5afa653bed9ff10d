"""What can be said and what can be shown, without I/O: the words that all rooms share.

said
    event.py        what a source says (CloudEvents 1.0); payload.py kinds of events, by version
    entry.py        an event once it is in the ledger
    names.py        the spelling of identifiers; instant.py points in time
    roles.py        who speaks, and how far a role reaches
competitions
    competition.py  the definition, and the events that change it; rules.py its versions
    entry_list.py   entrants out of a spreadsheet; drawing.py who meets whom
    advancing.py    who goes on; feats.py records to beat
decided
    ruling.py       which version of a record counts; undoing.py as if some were never said
    proposing.py    corrections that wait for a second official
    reconciling.py  what is joined, kept apart, passed over
    result.py       whether a result is final, and who said so
shown
    document.py     a board, and the merge patches (RFC 7396) between two versions
    correction.py   rules of correcting, and notices that a figure was wrong

Nothing here reads a clock, draws a random number or touches a file.
"""
