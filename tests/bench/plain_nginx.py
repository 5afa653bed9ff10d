"""nginx as the limit of a read: one worker that serves files, and does nothing else.

It gets every help: files stay open, no log, no address looked up, connections are never closed.
"""

import contextlib
import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from serving import Served

NGINX = """
daemon off;
worker_processes 1;
user {user};
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=16 inactive=1h;
    default_type application/json;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
    }}
}}
"""


def program() -> str | None:
    """Where nginx is, if it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextlib.contextmanager
def plain_nginx(folder: Path, body: bytes) -> Iterator[Served]:
    """nginx that serves the body at `/file` while the block lasts; `pid` is its worker's."""
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "file").write_bytes(body)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(user=getpass.getuser(), folder=folder, port=port))
    nginx = subprocess.Popen([str(program()), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if nginx.poll() is not None:
                    raise RuntimeError("nginx did not start") from None
                time.sleep(0.02)  # nginx has no signal to give but its socket
        children = Path(f"/proc/{nginx.pid}/task/{nginx.pid}/children").read_text()
        url = f"http://127.0.0.1:{port}"
        yield Served(url, url, "", int(children.split()[0]))
    finally:
        nginx.terminate()
        nginx.wait(timeout=30)
