"""The one gate: whatever comes in, by whichever door, is checked here and handed to the ledger.

    gate.py         submit: competition known, checks, append, each event's fate in order
    batch.py        the checks of one batch against a definition; no I/O, no await per event
    definitions.py  whether a definition makes sense: sport, parameters, references
    written.py      a definition as somebody wrote it: all that is wrong with it, by line
    mistakes.py     every mistake in what was parsed, with pointers
    own.py          what users may say of themselves, tighter than what devices may
    decoding.py     JSON of one event or many, extension attributes included
    outcome.py      what became of an event

Malformed events are refused with a pointer to the field. Surprising ones (a contest that nobody has
announced) are kept and flagged: late entries happen, and a goal must not be lost to a typing error.
"""
