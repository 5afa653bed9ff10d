"""A Redis server for tests: its own process and port, nothing on disk."""

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

PROGRAM = shutil.which("redis-server")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """A server that answers at a port of this machine; its process."""
    assert PROGRAM is not None
    command = [PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    server = subprocess.Popen([*command, str(folder)], stdout=subprocess.DEVNULL)
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            assert server.poll() is None, "redis-server ended"
            await asyncio.sleep(0.01)
            continue
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        if answer == b"+PONG\r\n":
            return server


def stop(server: "subprocess.Popen[bytes]") -> None:
    server.kill()
    server.wait(timeout=30)
