"""The outside world out: boards as they are read and followed.

    select.py   views of a board: its top, a group, an entrant with its neighbours
    bodies.py   boards encoded once for each version, with their ETags
    channel.py  one followed view: its changes, encoded once and kept for who returns
    streams.py  boards followed live: every channel, swept to all who follow it
    sockets.py  the same over WebSockets; asked.py what their clients say
    http.py     the endpoints
    answered.py answers given again in front of routing
    pages.py    the pages for people

A board is encoded once for each version and door, and the bytes are handed to everybody. Nothing
here writes the ledger, and nothing keeps a queue for a client: who cannot keep up gets the newest
state when it can.
"""
