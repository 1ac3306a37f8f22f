"""The third-party files of the explorers: which ones, pinned by version and hash, from node_modules or else from a CDN.

`npm ci --prefix api/pages` installs them. `python -m api.pages.assets` rewrites the pins (assets.json) from what is
installed; run it after a change of package.json. No third-party file is part of the repository.
"""

import json
import sys
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha384
from pathlib import Path
from typing import Final

from sonograph.errors import Misconfigured

PACKAGES: Final = Path(__file__).parent / "node_modules"
PINS: Final = Path(__file__).parent / "assets.json"
CDN: Final = "https://cdn.jsdelivr.net/npm/"  # serves the files of a published package byte for byte, with CORS

REACT: Final = "react/umd/react.production.min.js"
REACT_DOM: Final = "react-dom/umd/react-dom.production.min.js"
GRAPHIQL: Final = "graphiql/graphiql.min.js"
GRAPHIQL_STYLE: Final = "graphiql/graphiql.min.css"
SWAGGER: Final = "swagger-ui-dist/swagger-ui-bundle.js"
SWAGGER_STYLE: Final = "swagger-ui-dist/swagger-ui.css"
FILES: Final = (REACT, REACT_DOM, GRAPHIQL, GRAPHIQL_STYLE, SWAGGER, SWAGGER_STYLE)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of an npm package; `integrity` is in the form of the HTML attribute, "sha384-…"."""

    package: str
    version: str
    file: str
    integrity: str

    @property
    def path(self) -> str:
        """The address below /assets/ and below the CDN alike. The version in it lets browsers keep the file forever."""
        return f"{self.package}@{self.version}/{self.file}"

    def installed(self, packages: Path = PACKAGES) -> Path:
        return packages / self.package / self.file


def integrity(content: bytes) -> str:
    return f"sha384-{b64encode(sha384(content).digest()).decode()}"


def pinned() -> Mapping[str, Asset]:
    """The committed pins, by "package/file"."""
    return {name: Asset(**pin) for name, pin in json.loads(PINS.read_text(encoding="utf-8")).items()}


def all_installed(assets: Iterable[Asset], packages: Path = PACKAGES) -> bool:
    """Whether every file is there with the pinned content; a half or outdated installation counts as none."""
    paths = [(asset, asset.installed(packages)) for asset in assets]
    return all(path.is_file() and integrity(path.read_bytes()) == asset.integrity for asset, path in paths)


def measured(packages: Path = PACKAGES) -> dict[str, dict[str, str]]:
    """What assets.json has to say about the installed packages."""
    pins = {}
    for name in FILES:
        package, _, file = name.partition("/")
        try:
            version = json.loads((packages / package / "package.json").read_text(encoding="utf-8"))["version"]
            content = (packages / name).read_bytes()
        except FileNotFoundError as error:
            message = f"{error.filename} is not there: run `npm ci --prefix api/pages` first"
            raise Misconfigured(message) from error
        pins[name] = {"package": package, "version": version, "file": file, "integrity": integrity(content)}
    return pins


def main() -> int:
    try:
        pins = measured()
    except Misconfigured as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    PINS.write_text(json.dumps(pins, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
