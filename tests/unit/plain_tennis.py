"""Matches scored plainly, set by set and game by game, for the sport's fold to be checked against.

Nothing of the sport's code is used: a match is played by nested loops that take the points' winners
(0 or 1) one after the other and stop where these run out.
"""

import contextlib
import itertools

TENNIS_SET = {"to": 6, "tie_break_at": 6}
TO_TEN = {"by": "points", "to": 10}

FORMATS = {
    "tour": {},
    "grand slam": {"sets": 5, "set": TENNIS_SET, "final": TENNIS_SET | {"tie_break_to": 10}},
    "advantage final": {"sets": 5, "set": TENNIS_SET, "final": {"to": 6}},
    "twelve all": {"sets": 5, "set": TENNIS_SET, "final": {"to": 6, "tie_break_at": 12}},
    "doubles": {"sets": 3, "set": TENNIS_SET, "final": TO_TEN, "advantage": False},
    "fast": {
        "set": {"to": 4, "tie_break_at": 3, "tie_break_to": 5, "tie_break_lead": 1},
        "final": TO_TEN,
        "advantage": False,
    },
    "pro set": {"sets": 1, "set": {"to": 8, "tie_break_at": 8}},
    "volleyball": {
        "sets": 5,
        "set": {"by": "points", "to": 25},
        "final": {"by": "points", "to": 15},
        "serve": "winner",
    },
    "table tennis": {"sets": 7, "set": {"by": "points", "to": 11}, "serve": "two"},
    "badminton": {
        "set": {"by": "points", "to": 21, "cap": 30},
        "serve": "winner",
        "first_server": "winner",
    },
}


class Plain:
    """A match played to its end, or to where the points ran out.

    `servers`: who served each point; `sets`: scores; `tie_breaks`: by set number; `breaks`: games
    won against the serve by each side.
    """

    def __init__(self, form, winners, first):
        self.form = form
        self.points = iter(winners)
        self.used = 0
        self.servers = []
        self.sets = []
        self.tie_breaks = {}
        self.game = [0, 0]
        self.breaks = [0, 0]
        self.winner = None
        with contextlib.suppress(StopIteration):
            self._match(first)

    def _point(self, server):
        self.servers.append(server)
        winner = next(self.points)
        self.used += 1
        return winner

    def _match(self, first):
        best_of = self.form.get("sets", 3)
        won = [0, 0]
        for number in range(1, best_of + 1):
            rules = self.form.get("set", TENNIS_SET)
            if number == best_of:
                rules = self.form.get("final") or rules
            if rules.get("by") == "points":
                winner = self._set_of_points(rules, first)
                keeps = self.form.get("first_server") == "winner"
                first = winner if keeps else 1 - first
            else:
                winner, games = self._set_of_games(rules, first, number)
                first = first if games % 2 == 0 else 1 - first
            won[winner] += 1
            if won[winner] == best_of // 2 + 1:
                self.winner = winner
                return

    def _set_of_points(self, rules, first):
        score = [0, 0]
        self.sets.append(score)
        server = first
        turns = self._turns(rules["to"], first)
        while True:
            if self.form.get("serve") != "winner":
                server = next(turns)
            winner = server = self._point(server)
            score[winner] += 1
            ahead = score[winner] - score[1 - winner]
            if score[winner] == rules.get("cap") or (score[winner] >= rules["to"] and ahead >= 2):
                return winner

    def _turns(self, to, first):
        """Who serves the points of a set or tie-break in turn."""
        other = 1 - first
        if self.form.get("serve") == "two":
            two_each = itertools.cycle((first, first, other, other))
            yield from itertools.islice(two_each, 2 * (to - 1))
            after = first if (to - 1) % 2 == 0 else other
            yield from itertools.cycle((after, 1 - after))
        yield first
        yield from itertools.cycle((other, other, first, first))

    def _set_of_games(self, rules, first, number):
        games = [0, 0]
        self.sets.append(games)
        server = first
        while True:
            if games == [rules.get("tie_break_at")] * 2:
                winner = self._tie_break(rules, server, number)
                games[winner] += 1
                return winner, sum(games)
            winner = self._game(server)
            games[winner] += 1
            if games[winner] >= rules["to"] and games[winner] - games[1 - winner] >= 2:
                return winner, sum(games)
            server = 1 - server

    def _tie_break(self, rules, server, number):
        self.game = score = self.tie_breaks[number] = [0, 0]
        for serving in self._turns(rules.get("tie_break_to", 7), server):
            winner = self._point(serving)
            score[winner] += 1
            enough = score[winner] >= rules.get("tie_break_to", 7)
            if enough and score[winner] - score[1 - winner] >= rules.get("tie_break_lead", 2):
                self.game = [0, 0]
                return winner
        raise AssertionError

    def _game(self, server):
        self.game = score = [0, 0]
        lead = 2 if self.form.get("advantage", True) else 1
        while True:
            winner = self._point(server)
            score[winner] += 1
            if score[winner] >= 4 and score[winner] - score[1 - winner] >= lead:
                self.breaks[winner] += winner != server
                self.game = [0, 0]
                return winner


def winners_of(line, by_points=()):
    """Winners of points that lead to a score line such as `6-4 3-6 7-6(5)`, as short as can be.

    `by_points`: numbers of the sets whose score is in points, a match tie-break (`[10-8]`) among
    them.
    """
    taken = []
    for number, text in enumerate(line.split(), 1):
        score, _, loser = text.strip("[])").partition("(")
        mine, other = (int(part) for part in score.split("-"))
        winner = 0 if mine > other else 1
        if number in by_points:
            taken += _in_turn(mine, other, 1)
        elif loser:
            taken += _in_turn(min(mine, other), min(mine, other), 4)
            taken += [0, 1] * int(loser)
            taken += [winner] * max(1, _tie_break_to(text) - int(loser))
        else:
            taken += _in_turn(mine, other, 4)
    return taken


def _tie_break_to(text):
    """The winner's points of the tie-break in `7-6(5)` (7, or two ahead); to 5 in short sets."""
    loser = int(text.rstrip(")").partition("(")[2])
    return loser + 1 if text.startswith(("4-3", "3-4")) else max(7, loser + 2)


def _in_turn(mine, other, points):
    """Games (or points) in turn up to the loser's, then the winner's others."""
    low = min(mine, other)
    rest = [0 if mine > other else 1] * (max(mine, other) - low)
    return [side for side in [0, 1] * low + rest for _ in range(points)]
