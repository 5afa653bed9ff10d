"""A live scoreboard that can prove itself."""

__version__ = "0.1.0"
