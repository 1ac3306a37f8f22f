"""The reference pages that are generated from the code: `python -m api.reference` writes them, a test compares them."""

from pathlib import Path

from sonograph import settings

DOCS = Path(__file__).parent.parent / "docs"

SETTINGS_HEAD = """\
# Settings

Environment variables, read once at start; every command heeds them. An empty value counts as unset.
Generated from `sonograph/settings.py` by `make docs`.

| variable | default | what it does |
|---|---|---|
"""


def settings_page() -> str:
    """docs/reference/settings.md: one row a setting."""
    return SETTINGS_HEAD + "".join(
        f"| `{name}` | {f'`{default}`' if default else 'unset'} | {_cell(sentence)} |\n"
        for name, default, sentence in settings.described()
    )


def pages() -> dict[Path, str]:
    """File → text of every generated page."""
    return {DOCS / "reference" / "settings.md": settings_page()}


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
