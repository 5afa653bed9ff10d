"""Commands that are imported when they are called.

A reader of boards need not wait for databases and servers, nor a shell for the whole program.
"""

import gc
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

import click


class LazyGroup(click.Group):
    """A group with commands that lie elsewhere: `places` has `module:name` for each of them."""

    places: ClassVar[dict[str, str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all."""
        return sorted({*super().list_commands(ctx), *self.places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name].partition(":")
        found: Any = getattr(_imported(f"scoreboard.cli.{module}"), name)
        return found if isinstance(found, click.Command) else None


def _imported(name: str) -> ModuleType:
    """A module, without looks for garbage meanwhile or at it later: all that it defines lasts."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
