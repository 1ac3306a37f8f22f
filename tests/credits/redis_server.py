"""A Redis of our own that can be stopped and started again."""

import shutil
import socket
import subprocess
from pathlib import Path
from time import monotonic, sleep

from tests.service import free_port

PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")


class RedisServer:
    """The real server on a free port, without anything on disk."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        assert PROGRAM is not None
        self.process = subprocess.Popen(
            [PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        began = monotonic()
        while monotonic() - began < 20:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                sleep(0.05)
            else:
                return
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)
