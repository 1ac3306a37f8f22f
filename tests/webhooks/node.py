"""Node, which runs the verifiers that vendors document."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

SCRIPT = Path(__file__).with_name("verifiers.js")


class Node(Protocol):
    """Asks a verifier, by its name, about a delivery."""

    def __call__(self, verifier: str, body: bytes, headers: dict[str, str] | None = None, secret: str = "") -> Any: ...


@contextmanager
def node() -> Iterator[Node]:
    with subprocess.Popen(["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        lines, answers = process.stdin, process.stdout
        assert lines is not None
        assert answers is not None

        def ask(verifier: str, body: bytes, headers: dict[str, str] | None = None, secret: str = "") -> Any:
            delivery = {"verifier": verifier, "body": body.decode(), "headers": headers or {}, "secret": secret}
            lines.write(json.dumps(delivery).encode() + b"\n")
            lines.flush()
            return json.loads(answers.readline())

        yield ask
        lines.close()
