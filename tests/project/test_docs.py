"""Documentation that names things names existing things, and its examples parse."""

import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, NamedTuple

import graphql
import pytest

from api import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FILE_SUFFIXES = {".graphql", ".json", ".lock", ".md", ".py", ".toml", ".yml"}


class Example(NamedTuple):
    page: str
    language: str
    text: str


def examples() -> Iterator[Example]:
    for page in PAGES:
        for language, text in FENCE.findall(page.read_text(encoding="utf-8")):
            yield Example(page.relative_to(ROOT).as_posix(), language, text)


EXAMPLES = list(examples())


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Headings as GitHub turns them into anchors."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(prose(page))}


def page_name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_between_pages_resolve(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_paths_in_the_text_exist(page: Path, tracked: list[Path]) -> None:
    folders = {path.parts[0] for path in tracked if len(path.parts) > 1}
    for span in CODE.findall(prose(page)):
        named = span.removeprefix("./")
        in_the_tree = named.split("/")[0] in folders and re.fullmatch(r"[\w.*/-]+", named) and "/" in named
        a_file = re.fullmatch(r"[\w-]+\.\w+", named) and Path(named).suffix in FILE_SUFFIXES
        if in_the_tree or a_file:
            found = [*ROOT.glob(named.rstrip("/")), *page.parent.glob(named.rstrip("/"))]
            assert found, f"`{span}` does not exist"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.page}-{e.language}")
def test_examples_parse(example: Example) -> None:
    match example.language:
        case "sh":
            checked = subprocess.run(["bash", "-n"], input=example.text, capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr
        case "python":
            compile(example.text, example.page, "exec")
        case "graphql":
            graphql.parse(example.text)
        case "toml":
            tomllib.loads(example.text)
        case "js" if shutil.which("node"):
            check = ["node", "--check", "--input-type=module", "-"]
            checked = subprocess.run(check, input=example.text, capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr
        case other:
            assert other in {"js", "json", "text", "xml"}, (
                f"{example.page}: say what language this is: {example.text[:60]}"
            )


def test_targets_that_the_pages_call_exist_and_are_described(root: Path) -> None:
    shown = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^make (\w+)", shown, re.MULTILINE))
    called = {
        words[1]
        for example in EXAMPLES
        if example.language == "sh"
        for line in example.text.splitlines()
        if (words := shlex.split(line, comments=True) if line.startswith("make ") else [])
    }
    described = set(re.findall(r"`make (\w+)`", (root / "docs/reference/make.md").read_text(encoding="utf-8")))
    assert called
    assert called <= targets
    assert described == targets - {"help"}


def test_generated_pages_are_what_the_code_generates() -> None:
    for path, text in reference.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: make docs"


# What packages write where an SPDX expression is meant.
SPDX = {
    "Apache": {"Apache-2.0"},
    "BSD 2-Clause": {"BSD-2-Clause"},
    "BSD License": {"BSD-2-Clause", "BSD-3-Clause"},
    "ISC": {"ISC"},
    "MIT": {"MIT"},
    "Mozilla Public License 2.0": {"MPL-2.0"},
    "Python Software Foundation License": {"PSF-2.0"},
    "Unlicense": {"Unlicense"},
}
SPDX_ID = re.compile(r"[A-Za-z]+-[\d.]+(?:-Clause)?|MIT|ISC|Unlicense|BSD-\d-Clause")


def stated_licences(package: str) -> set[str]:
    """SPDX identifiers that the package's installed metadata allow."""
    about = metadata(package)
    classifiers = [c for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    texts = [about["License-Expression"] or "", (about["License"] or "").partition("\n")[0], *classifiers]
    words = {spdx for text in texts for word, ids in SPDX.items() if word in text for spdx in ids}
    return words | {spdx for text in texts for spdx in SPDX_ID.findall(text)}


def test_every_direct_dependency_has_its_row_with_its_licence(pyproject: dict[str, Any], root: Path) -> None:
    rows = {}
    for line in (root / "docs/dependencies.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and not set(cells[0]) <= {"-"} and cells[0] != "package":
            rows[cells[0]] = cells[1:]
    required = [*pyproject["project"]["dependencies"], *pyproject["dependency-groups"]["dev"]]
    optional = [r for extra in pyproject["project"].get("optional-dependencies", {}).values() for r in extra]
    names = {re.split(r"[^\w.-]", requirement)[0] for requirement in required + optional}
    assert set(rows) == names
    for name, (purpose, reason, licence) in rows.items():
        assert purpose, f"{name}: what is it for?"
        assert reason, f"{name}: why this one?"
        documented = set(SPDX_ID.findall(licence))
        assert documented, f"{name}: no licence"
        assert documented <= stated_licences(name), f"{name}: {licence} is not what the package says"
