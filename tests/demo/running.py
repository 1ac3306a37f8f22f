"""A running `sonograph demo`, and what it printed."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import httpx

SONOGRAPH = Path(sys.executable).parent / "sonograph"
START_SECONDS = 90


class Demo:
    def __init__(self, folder: Path, port: int) -> None:
        self.log, self.data = folder / "demo.log", folder / "data"
        began = monotonic()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SONOGRAPH_")}
        environment |= {"SONOGRAPH_DATA_DIR": str(self.data), "SONOGRAPH_PORT": str(port)}
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([SONOGRAPH, "demo"], env=environment, stdout=log, stderr=log)
        while not self.is_ready():
            assert self.process.poll() is None, self.printed
            assert monotonic() - began < START_SECONDS, self.printed
            sleep(0.05)
        self.seconds = monotonic() - began

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def key(self, kind: str) -> str:
        found = re.search(rf"svk_{kind}_\w{{36}}", self.printed)
        assert found, self.printed
        return found[0]

    def get(self, path: str, kind: str = "test") -> httpx.Response:
        return httpx.get(self.url + path, headers={"x-api-key": self.key(kind)})

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)  # what Ctrl-C sends
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
