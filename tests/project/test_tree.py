"""What must never be committed."""

import re
from pathlib import Path

MACHINE_PATH = re.compile(rb"(?<![\w./:>-])/(?:work|root|tmp/w|home/\w+)/")
# Files that may name such a path for a reason of their own.
EXEMPT = {
    Path("Dockerfile"),  # the home of the image's user
}


def test_no_file_names_a_path_of_some_machine(root: Path, tracked: list[Path]) -> None:
    found = [
        f"{path}: {match.group().decode()}"
        for path in tracked
        if path not in EXEMPT
        for match in MACHINE_PATH.finditer((root / path).read_bytes())
    ]
    assert not found


def test_no_third_party_bundle_is_committed(root: Path, tracked: list[Path]) -> None:
    for path in tracked:
        assert "node_modules" not in path.parts, path
        if path.suffix in {".js", ".mjs", ".cjs", ".css"}:
            assert ".min." not in path.name, path
            longest = max((len(line) for line in (root / path).read_bytes().splitlines()), default=0)
            assert longest <= 500, f"{path} has a line of {longest} characters: it looks minified"


def test_text_ends_as_it_should(root: Path, tracked: list[Path]) -> None:
    """One newline at the end, no blanks before it; the pre-commit hook mends it."""
    kinds = {".graphql", ".js", ".json", ".lock", ".md", ".mjs", ".py", ".toml", ".yaml", ".yml"}
    for path in tracked:
        text = (root / path).read_bytes()
        if path.suffix in kinds and text:
            assert text.endswith(b"\n"), path
            assert not text.endswith(b"\n\n"), path
            assert not re.search(rb"[ \t\r]$", text, re.MULTILINE), path
