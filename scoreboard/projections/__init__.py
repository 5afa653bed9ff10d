"""What the ledger comes to: entries resolved, folded by the sport, shown as documents.

folded
    projection.py      follows the ledger, says when to fold, show, save; turns.py costly questions
    folds.py           what entries make of the folds in memory
    competition.py     one competition; advancement.py who goes on in it
    contest.py         one contest: records, facts in force, states
    reconciliation.py  its observations and decisions; scope.py which of them belong together
    parking.py         contests that wait for an official; flagging.py what looks wrong
    acts.py            corrections that are shown together
large fields
    ranking.py         their order, kept as it changes; in_time.py things in order of time
    merits.py          how many hold each merit; rows.py the rows
shown
    render.py          states into the content of boards; kept.py what stays as it was made
    feats.py           records and milestones
    showing.py         onto the shelves: which boards changed, and for whom; public.py when frozen
    shelf.py           the newest documents and their patches; shelving.py whose are in memory
    following.py       boards that another process makes; news.py what it has saved
asked
    history.py         boards as they stood; whole.py all of a competition at one position
    preview.py         what corrections would change
    explaining.py      why a row shows what it shows: attribution.py, looking.py
kept
    store.py           the read store; tables.py its tables
    saving.py          what changed, in one batch; loading.py back into memory
    outbox.py          what waits for brokers; computed.py what it says
    shadow.py          live folds compared with those from the ledger

The ledger is the only truth: everything here can be deleted and made again, with equal content. In
memory the fold is ahead of the read store by at most a second; after a crash it is folded again.
"""
