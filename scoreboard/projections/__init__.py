"""What the ledger comes to: entries resolved, folded by the sport, shown as documents.

    contest.py      one contest: records, facts in force, states
    competition.py  one competition: its definition, its contests, its ranking
    ranking.py      the order of a large field, kept as it changes
    merits.py       how many of a field hold each merit
    flagging.py     what looks wrong, listed for officials
    rows.py         the rows of rankings, those that did not change as they were
    render.py       states into the content of boards
    shelf.py        the newest document of every board, and the patches that led to it
    acts.py         acts of correcting: what is shown together, and what it corrects
    shelving.py     whose boards are in memory
    showing.py      folds onto the shelves: which boards changed, and for whom
    store.py        the read store: everything above, saved behind, dropped when it does not fit
    tables.py       its tables
    computed.py     what a change of a board says to those outside, as CloudEvents
    outbox.py       those that wait for brokers, and how far each destination has come
    whole.py        all boards of a competition from its entries alone
    loading.py      contests and competitions from the read store and the ledger
    projection.py   the projection: follows the ledger, folds, renders, saves, parks
    parking.py      contests that wait for an official
    saving.py       what changed since the last save, as one batch

The ledger is the only truth: everything here can be deleted and made again, with equal content. In
memory the fold is ahead of the read store by at most a second; after a crash it is folded again.
"""
