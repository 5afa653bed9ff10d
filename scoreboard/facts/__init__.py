"""What can be said and what can be shown, without I/O: the words that all rooms share.

    event.py        what a source says (CloudEvents 1.0)
    entry.py        an event once it is in the ledger
    payload.py      kinds of events: their payload's schemas by version, and upcasting
    competition.py  the definition of a competition and the events that change it
    proposing.py    corrections that wait for a second official
    drawing.py      who meets whom: contests made from entrants
    entry_list.py   entrants out of a spreadsheet's rows
    document.py     what a board shows, and the merge patches (RFC 7396) between two versions
    instant.py      points in time as integers of microseconds
    names.py        the spelling of identifiers

Nothing here reads a clock, draws a random number or touches a file.
"""
