"""A browser's name out of its User-Agent, for people who look for one they do not know."""

import re
from typing import Final

# Each names itself beside those it is compatible with: the most special word decides.
NAMES: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """Firefox on Linux; for others the first word, "curl/8.5"."""
    name = next((name for word, name in NAMES if re.search(rf"\b{word}\w*/", user_agent)), None)
    system = next((name for word, name in SYSTEMS if word in user_agent), None)
    if name and system:
        return f"{name} on {system}"
    return name or user_agent.split(" ", maxsplit=1)[0][:40] or "Unknown browser"
