"""Events from message brokers: every origin that the settings name, each by its own library."""

import asyncio

from scoreboard.access.access import Access
from scoreboard.brokers import ensure_installed
from scoreboard.brokers.endless import until_stopped
from scoreboard.errors import CannotStart
from scoreboard.ingest.gate import Gate
from scoreboard.settings.brokers import FromNats, Sources
from scoreboard.sources.intake import Intake


class BrokerSources:
    """All origins, in every process."""

    def __init__(self, settings: Sources, gate: Gate, access: Access, body_bytes_max: int) -> None:
        """CannotStart if the library of a broker is missing, or two origins share a name."""
        names = [origin.name for origin in settings.broker]
        if len(set(names)) < len(names):
            raise CannotStart("two brokers of sources have one name", hint="name each differently")
        for origin in settings.broker:
            ensure_installed(origin.kind)
        self._intakes = [Intake(origin, gate, access, body_bytes_max) for origin in settings.broker]

    async def run(self, stop: asyncio.Event) -> None:
        """Take what comes until `stop` is set; whatever fails fails here alone."""
        if self._intakes:
            await until_stopped(self._run(stop), stop)

    async def _run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            for intake in self._intakes:
                tasks.create_task(_consume(intake, stop), name=f"from {intake.origin.name}")


async def _consume(intake: Intake, stop: asyncio.Event) -> None:
    if isinstance(intake.origin, FromNats):
        from scoreboard.sources.from_nats import consume as from_nats

        origin = intake.origin
        await intake.attempts.run(lambda: from_nats(intake, origin, stop), stop)
    else:
        from scoreboard.sources.from_kafka import consume as from_kafka

        topic = intake.origin
        await intake.attempts.run(lambda: from_kafka(intake, topic, stop), stop)
