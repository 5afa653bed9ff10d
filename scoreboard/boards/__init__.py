"""The outside world out: boards as they are read and followed, lists, and the pages for people.

read
    http.py         the endpoints of boards; queries.py what a query asks for
    finding.py      the board that is asked for, as it stands or stood
    select.py       views: the top, a group, an entrant with its neighbours
    bodies.py       boards encoded once for each version; answered.py given again before routing
    audience.py     whose boards a request is shown
    moments.py      at which moments one can look; explain.py why a row shows what it shows
    ranked.py       rows for answers that are not boards
    predictions.py  a user and leagues of a game of predictions
    server_time.py  the time that running clocks are counted by
followed live
    streams.py      over server-sent events; sockets.py over WebSockets, asked.py what is said there
    channel.py      one followed view; told.py its bytes for each door
    connection.py   one client
lists and paper
    lists.py        results and start lists; sheets.py as tables, spreadsheet.py as CSV
    print_forms.py  how they are laid out on paper
pages
    pages.py        addresses and files; modules.py what their scripts import
    installed.py    opened offline, with an icon; rehearsed.py marked as a rehearsal's

A board is encoded once for each version and door, and the bytes are handed to everybody. Nothing
here writes the ledger, and nothing keeps a queue for a client: who cannot keep up gets the newest
state when it can.
"""
