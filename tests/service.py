"""The service as it is run for real: `sonograph serve` in a process of its own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import httpx
import psutil

COMMAND = Path(sys.executable).with_name("sonograph")
# A first start makes a database, runs the migrations and fills the sandbox: 4 s on two cores, and as much CPU.
# It only bounds what hangs: among many other processes the same took 15 s and more.
START_SECONDS = 120.0
STOP_SECONDS = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Service:
    """A process of the service. `settings` are SONOGRAPH_* variables without the prefix; no other one is inherited."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir / "service.log"
        data_dir.mkdir(parents=True, exist_ok=True)
        given = {"data_dir": str(data_dir), "port": str(self.port)} | settings
        outside = {name: value for name, value in os.environ.items() if not name.startswith("SONOGRAPH_")}
        environment = outside | {f"SONOGRAPH_{name.upper()}": value for name, value in given.items()}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([COMMAND, "serve"], env=environment, stdout=log, stderr=log)

    @property
    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait_until_ready(self, within: float = START_SECONDS) -> float:
        """Seconds until `/health/ready` was 200."""
        began = monotonic()
        while monotonic() - began < within:
            assert self.process.poll() is None, self.log_text
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == httpx.codes.OK:
                    return monotonic() - began
            except httpx.TransportError:
                pass
            sleep(0.05)
        raise AssertionError(f"not ready within {within} s:\n{self.log_text}")

    def cpu_ms(self) -> float:
        """CPU that all threads of the process have used: to the nanosecond on Linux, else to about 10 ms."""
        threads = list(Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"))
        if threads:
            return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e6
        used = psutil.Process(self.process.pid).cpu_times()
        return (used.user + used.system) * 1e3

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)

    def stop(self) -> int:
        """End it as an orchestrator does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(STOP_SECONDS)
