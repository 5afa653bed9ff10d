"""The one gate: whatever comes in, by whichever door, is checked here and handed to the ledger.

events
    gate.py         submit: competition known, checks, append, each event's fate in order
    decoding.py     JSON of one event or many, extension attributes included
    batch.py        the checks of one batch against a definition; no I/O, no await per event
    own.py          what users may say of themselves, tighter than what devices may
    outcome.py      what became of an event
definitions
    definitions.py  whether one makes sense: sport, parameters, references
    written.py      one as somebody wrote it, with all that is wrong
    mistakes.py     found by type, each with a pointer; lines.py the line that it points to

Malformed events are refused with a pointer to the field. Surprising ones (a contest that nobody has
announced) are kept and flagged: late entries happen, and a goal must not be lost to a typing error.
"""
