"""Association football: IFAB's Laws of the Game, group tables as FIFA ranks them.

facts.py     what can be said about a match
clock.py     where each thing stands on the match's clock
match.py     the state of a match, and how facts change it
result.py    scores by period, the winner and the state of play
tables.py    group tables and their tie-breaks
timeline.py  what happened, in words
rules.py     the sport: all of the above behind the contract of a sport
"""

from scoreboard.sports.football.rules import Football, FootballParams

__all__ = ["Football", "FootballParams"]
