"""The sports that are installed: found by the entry point group `scoreboard.sports`."""

from importlib.metadata import entry_points
from typing import Any

import msgspec

from scoreboard import telemetry
from scoreboard.errors import BadInput, NotFound
from scoreboard.facts.payload import Kind
from scoreboard.sports.sport import Sport, params_of

GROUP = "scoreboard.sports"


class Sports:
    """Sport classes by name; looked up once, when the program starts."""

    def __init__(self, classes: dict[str, type[Sport[Any]]]) -> None:
        self.classes = classes
        self._kinds = {
            name: {kind.type: kind for kind in sport.fact_kinds} for name, sport in classes.items()
        }

    @classmethod
    def installed(cls) -> "Sports":
        """All sports of all installed packages; one that cannot be loaded is left out, loudly."""
        classes = {}
        for point in entry_points(group=GROUP):
            try:
                classes[point.name] = point.load()
            except Exception as error:
                telemetry.log.error("sport not loaded", sport=point.name, error=str(error))
        return cls(classes)

    def kinds(self, name: str) -> dict[str, Kind]:
        """The event kinds of a sport by type."""
        return self._kinds[name]

    def joins(self, name: str) -> bool:
        """Whether a sport joins observations with decisions, so that officials rule on pairs."""
        return self.classes[name].join is not Sport.join

    def simulates(self, name: str) -> bool:
        """Whether a sport makes up what might happen, for rehearsals."""
        return self.classes[name].simulate is not Sport.simulate

    def configured(self, name: str, params: dict[str, Any]) -> Sport[Any]:
        """The sport with a competition's parameters.

        Raises NotFound for a sport that is not installed, BadInput for wrong parameters.
        """
        sport = self.classes.get(name)
        if sport is None:
            raise NotFound(
                f"the sport {name} is not installed",
                pointer="/sport",
                hint=f"installed: {', '.join(sorted(self.classes))}",
            )
        try:
            return sport(params_of(sport, params))
        except msgspec.ValidationError as error:
            raise BadInput(f"params of {name}: {error}", pointer="/params") from error
