"""Events from NATS: a durable pull consumer of a JetStream stream.

Each message is acknowledged by itself. One that is neither acknowledged nor asked for later comes
again by itself after `acknowledged_s`; one that is refused is ended for good.
"""

import asyncio

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingCame
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from scoreboard.brokers.jetstream import connected, publish
from scoreboard.settings.brokers import FromNats
from scoreboard.sources.intake import Fate, Intake, left_out, reason_of

FETCH_S = 1.0  # how long a fetch waits for the first message


async def consume(intake: Intake, origin: FromNats, stop: asyncio.Event) -> None:
    """Take messages until `stop` is set; raises what the library or the network does."""
    config = ConsumerConfig(
        durable_name=origin.name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=origin.acknowledged_s,
        max_ack_pending=10 * origin.batch_messages_max,
    )
    async with connected(origin) as (client, stream):
        reader = await stream.pull_subscribe(
            origin.subject, durable=origin.name, stream=origin.stream or None, config=config
        )
        while not stop.is_set():
            principal = await intake.principal()
            try:
                messages = await reader.fetch(origin.batch_messages_max, timeout=FETCH_S)
            except NothingCame:
                intake.attempts.works()
                continue
            fates = await intake.take(principal, [message.data for message in messages])
            for message, fate in zip(messages, fates, strict=True):
                await _answer(client, stream, origin, message, fate)


async def _answer(
    client: Client, stream: JetStreamContext, origin: FromNats, message: Msg, fate: Fate
) -> None:
    if fate.refused is not None:
        if origin.refused_subject:
            headers = {"scoreboard-subject": message.subject, **reason_of(fate.refused)}
            with left_out(origin.name):
                await publish(client, stream, origin.refused_subject, message.data, headers)
        await message.term()
    elif fate.again_after_s is not None:
        await message.nak(delay=fate.again_after_s)
    else:
        await message.ack()
