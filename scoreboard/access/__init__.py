"""Who may come in: keys and tokens, and how fast.

    access.py         the guard before every handler that asks for a role
    keys.py           the register of API keys
    sessions.py       the register of sessions that were begun with them
    browser.py        a session's cookie, and from which page it comes
    pace.py           limits by key and by address
    refusals.py       who was refused of late, in groups
    player_access.py  the guard of the players' listener
    tokens.py         users' tokens
    jwks.py           the published keys that they are signed with
    user_pace.py      limits by user and by address
    counters.py       the windows that limits are counted in, bounded
    shared_counters.py  the same in Redis, for several processes

A key is `sb_<id>_<secret>`. The secret has 256 random bits, so its SHA-256 is all that is kept:
slow hashes protect what people can guess, and nobody guesses 256 bits. Which role may do what is
decided in `facts.roles` alone.
"""
