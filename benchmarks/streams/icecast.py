"""A real icecast2, Debian's, on a free port, and what feeds it."""

import asyncio
import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "icecast2"
_PASSWORD = "sourcesecret"  # noqa: S105  (of a server that lives for a test)
_CONFIG = """<icecast>
<limits><clients>2000</clients><sources>50</sources><queue-size>524288</queue-size><client-timeout>30</client-timeout>
<header-timeout>15</header-timeout><source-timeout>4</source-timeout><burst-on-connect>1</burst-on-connect>
<burst-size>65535</burst-size></limits>
<authentication><source-password>{password}</source-password><admin-user>admin</admin-user>
<admin-password>{password}</admin-password></authentication>
<hostname>127.0.0.1</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
{mounts}
<fileserve>0</fileserve>
<paths><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot>
</paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
<security><chroot>0</chroot>{owner}</security>
</icecast>"""
_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Icecast:
    url: str
    port: int
    pid: int

    async def title(self, mount: str, title: str) -> None:
        """Sets the title of a mount, in the way of its administration."""
        target = f"/admin/metadata?mode=updinfo&mount={mount}&song={title}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {target} HTTP/1.0\r\nAuthorization: Basic {_basic('admin')}\r\n\r\n".encode())
        answer = await reader.read(2000)
        writer.close()
        assert b" 200 " in answer.split(b"\r\n")[0], answer  # noqa: S101  (of a benchmark's own server)


def _basic(user: str) -> str:
    return base64.b64encode(f"{user}:{_PASSWORD}".encode()).decode()


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def icecast(folder: Path, mounts: str = "") -> Iterator[Icecast]:
    """One that runs. `mounts` is XML for its configuration; the folder is its own."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    owner = ""
    if os.getuid() == 0:  # it refuses to run as root
        shutil.chown(folder, "nobody", "nogroup")
        folder.chmod(0o755)
        owner = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>"
    config = folder / "icecast.xml"
    config.write_text(_CONFIG.format(password=_PASSWORD, port=port, folder=folder, mounts=mounts, owner=owner))
    running = subprocess.Popen(
        [PROGRAM, "-c", str(config)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + _START_SECONDS
        while True:
            if running.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"icecast2 did not start: {(folder / 'error.log').read_text()[-500:]}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield Icecast(f"http://127.0.0.1:{port}", port, running.pid)
    finally:
        running.terminate()
        running.wait(10)


class SourceClient:
    """Puts sound on a mount, as fast as it plays after the first seconds, over and over until it is cancelled."""

    def __init__(self, server: Icecast, mount: str, kind: str, data: bytes, seconds: float) -> None:
        """`data` is `seconds` long; `kind` its media type."""
        self._server, self._mount, self._kind, self._data, self._seconds = server, mount, kind, data, seconds
        self.on_air = asyncio.Event()

    async def run(self, *, ahead: float = 5.0, step: float = 0.25) -> None:
        _, writer = await self._connected()
        rate = len(self._data) / self._seconds
        sent, began = 0, time.monotonic()
        try:
            while True:
                due = int((time.monotonic() - began + ahead) * rate)
                while sent < due:
                    at = sent % len(self._data)
                    piece = self._data[at : at + min(due - sent, 65_536)]
                    writer.write(piece)
                    sent += len(piece)
                    await writer.drain()
                self.on_air.set()
                await asyncio.sleep(step)
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
        head = (
            f"PUT {self._mount} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {_basic('source')}\r\n"
            f"Content-Type: {self._kind}\r\nIce-Name: Radio\r\nIce-Bitrate: 128\r\nExpect: 100-continue\r\n\r\n"
        )
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 100 " not in answer and b" 200 " not in answer:
            raise RuntimeError(f"icecast2 refused the source: {answer!r}")
        return reader, writer
