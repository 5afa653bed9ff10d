"""An audience: whose boards a request is shown, and who follows them.

The public sees frozen competitions as they stood; officials see everything live. Which of the two a
request is, is decided before anything is looked up for it.
"""

from scoreboard.boards.bodies import Bodies
from scoreboard.boards.streams import Streams
from scoreboard.projections.shelf import Shelf
from scoreboard.settings import Limits


class Audience:
    """The documents of one audience, their bodies and their streams."""

    def __init__(self, shelf: Shelf, limits: Limits, *, public: bool) -> None:
        self.public = public
        self.shelf = shelf
        self.bodies = Bodies(limits.cached_bodies_max)
        self.streams = Streams(shelf, limits)
