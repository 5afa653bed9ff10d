"""WebSockets after their handshake: only what a connection that is mostly told needs.

Prepared frames go straight to the transport; what the client says is parsed when it says something,
and nothing is kept between its messages.

One message is answered at a time, and meanwhile nothing more is read. A client that pings and does
not read, or sends a message in endless pieces, is cut off. At a stop the application is told first,
so that its last words come before the close.
"""

import asyncio
import struct
from collections.abc import Callable, Generator
from typing import Any, Protocol

import uvicorn.server
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import CTRL_OPCODES, Close, Frame, Opcode

from scoreboard.http.handed import HandedOver

UNSENT_PONG_BYTES_MAX = 65_536
PIECES_MAX = 64
CONTROL_BYTES_MAX = 125
WINDOW_BITS = 15  # of what is deflated for all (RFC 7692, section 7.1.2)
CLOSE_WITHIN_S = 1.0  # how long a client may take to answer a close
NORMAL, BROKEN_RULES, NOT_TEXT, TOO_BIG = 1000, 1002, 1007, 1009  # RFC 6455, section 7.4.1
PING = Frame(Opcode.PING, b"").serialize(mask=False)


class Answering(Protocol):
    """Who answers what the client of an upgraded connection says."""

    def heard(self, said: str | bytes) -> None:
        """A message came; the next comes after `Upgraded.go_on`."""

    def gone(self) -> None:
        """The connection has ended, by whomever."""

    def stops(self) -> None:
        """The server stops: say good-bye and close."""


HandOver = Callable[[Answering], "Upgraded | None"]
"""Among the extensions of an accepted WebSocket: takes it from uvicorn; None if it has gone."""


class Unfinished:
    """What a client has begun to say: bytes, a frame, pieces of a message."""

    __slots__ = ("_bytes_max", "_deflate", "_opcode", "_parser", "_pieces", "buffer")

    def __init__(self, bytes_max: int, *, zipped: bool) -> None:
        self._bytes_max = bytes_max
        self._deflate = [PerMessageDeflate(True, True, WINDOW_BITS, WINDOW_BITS)] if zipped else []
        self._opcode = Opcode.CONT
        self._parser: Generator[None, None, Frame] | None = None
        self._pieces: list[bytes] = []
        self.buffer = bytearray()

    def __bool__(self) -> bool:
        return bool(self.buffer or self._parser or self._pieces)

    def _exactly(self, size: int) -> Generator[None, None, bytes]:
        while len(self.buffer) < size:
            yield
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def frame(self) -> Frame | None:
        """The next frame, None if there is no whole one; raises ProtocolError, PayloadTooBig."""
        if self._parser is None:
            if not self.buffer:
                return None
            room = self._bytes_max - sum(map(len, self._pieces))
            self._parser = Frame.parse(
                self._exactly,
                mask=True,
                max_size=max(room, CONTROL_BYTES_MAX),  # 0 would be no bound to inflating
                extensions=self._deflate,
            )
        try:
            next(self._parser)
        except StopIteration as end:
            self._parser = None
            whole: Frame = end.value
            return whole
        return None

    def message(self, piece: Frame) -> str | bytes | None:
        """The message that a frame ends; raises ProtocolError, PayloadTooBig, UnicodeDecodeError.

        None while there are pieces to come.
        """
        if (piece.opcode is Opcode.CONT) is not bool(self._pieces):
            raise ProtocolError("pieces of messages out of order")
        if not self._pieces:
            self._opcode = piece.opcode
        if len(self._pieces) >= PIECES_MAX:
            raise PayloadTooBig(None, self._bytes_max)
        self._pieces.append(bytes(piece.data))
        if not piece.fin:
            return None
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole.decode() if self._opcode is Opcode.TEXT else whole


class Upgraded(HandedOver):
    """A WebSocket that is open.

    `zipped`: its client takes messages that were deflated for all.
    """

    __slots__ = (
        "_answering",
        "_busy",
        "_bytes_max",
        "_closing",
        "_deaf",
        "_drained",
        "_inflates",
        "_silent",
        "_unfinished",
        "zipped",
    )

    def __init__(
        self,
        transport: Any,
        state: uvicorn.server.ServerState,
        answering: Answering,
        bytes_max: int,
        deflate: PerMessageDeflate | None,
    ) -> None:
        super().__init__(transport, state, answering.gone)
        self.zipped = deflate is not None and deflate.local_max_window_bits == WINDOW_BITS
        self._inflates = deflate is not None
        self._answering = answering
        self._bytes_max = bytes_max
        self._busy = False
        self._deaf = False
        self._silent = False
        self._closing: asyncio.TimerHandle | None = None
        self._drained: asyncio.Event | None = None
        self._unfinished: Unfinished | None = None

    def data_received(self, data: bytes) -> None:
        """The client says something."""
        self._silent = False
        if self._deaf:
            return
        if self._unfinished is None:
            self._unfinished = Unfinished(self._bytes_max, zipped=self._inflates)
        self._unfinished.buffer += data
        self._read()

    def go_on(self) -> None:
        """Hear the next message: the one before is answered."""
        self._busy = False
        self._read()
        if not self._busy and not self.transport.is_closing():
            self.transport.resume_reading()

    def _read(self) -> None:
        try:
            while self._unfinished and not self._busy:
                frame = self._unfinished.frame()
                if frame is None:
                    return
                self._take(frame)
        except PayloadTooBig:
            self._fail(TOO_BIG)
        except ProtocolError:
            self._fail(BROKEN_RULES)
        except UnicodeDecodeError:
            self._fail(NOT_TEXT)
        if self._unfinished:
            self.transport.pause_reading()
        else:
            self._unfinished = None

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self._pong(frame)
        elif frame.opcode is Opcode.CLOSE:
            code = Close.parse(frame.data).code if frame.data else NORMAL
            self.close(code)
            self.transport.close()  # both sides have said it
        elif frame.opcode not in CTRL_OPCODES and self._unfinished is not None:
            said = self._unfinished.message(frame)
            if said is not None and self._closing is None:
                self._busy = True
                self._answering.heard(said)

    def _pong(self, ping: Frame) -> None:
        if self.transport.get_write_buffer_size() > UNSENT_PONG_BYTES_MAX:
            self.transport.abort()
        else:
            self._write(Frame(Opcode.PONG, ping.data).serialize(mask=False))

    def _write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def close(self, code: int) -> None:
        """Close once, and cut off a client that does not answer that."""
        if self._closing is None:
            self._write(Frame(Opcode.CLOSE, struct.pack("!H", code)).serialize(mask=False))
            loop = asyncio.get_running_loop()
            self._closing = loop.call_later(CLOSE_WITHIN_S, self.transport.abort)

    def _fail(self, code: int) -> None:
        """Close: what the client says cannot be read on, and what more comes is dropped."""
        self._unfinished = None
        self._deaf = True
        self.close(code)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        if self._closing is not None:
            self._closing.cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._drained = asyncio.Event()

    def resume_writing(self) -> None:
        """It has read most of it."""
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    @property
    def full(self) -> bool:
        """Whether the client has much to read yet."""
        return self._drained is not None

    async def drained(self) -> None:
        """Wait until the client has read most of what was written."""
        if self._drained is not None:
            await self._drained.wait()

    def ping(self) -> None:
        """Ask for a sign of life; cut off a client that gave none since the last time."""
        if self._silent and not self._busy:
            self.transport.abort()
            return
        self._silent = True
        if self._closing is None:
            self._write(PING)

    def shutdown(self) -> None:
        """The server stops: let the application say good-bye and close."""
        self._answering.stops()
