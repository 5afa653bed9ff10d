"""A Redis server for tests: its own process and socket, no port, nothing on disk."""

import asyncio
import shutil
import subprocess
from pathlib import Path

Server = subprocess.Popen[bytes]
PROGRAM = shutil.which("redis-server")


async def start(path: Path) -> Server:
    """A server that answers at a socket of this path; its process."""
    assert PROGRAM is not None
    command = [PROGRAM, "--port", "0", "--unixsocket", str(path), "--save", ""]
    server = subprocess.Popen(command, cwd=path.parent, stdout=subprocess.DEVNULL)
    while not await answers(path):
        assert server.poll() is None, "redis-server ended"
        await asyncio.sleep(0.01)
    return server


async def answers(path: Path) -> bool:
    """Whether a server is there."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.write(b"PING\r\n")
    answer = await reader.readline()
    writer.close()
    return answer == b"+PONG\r\n"


def stop(server: Server) -> None:
    server.kill()
    server.wait(timeout=30)
