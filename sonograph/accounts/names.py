"""Names that people give to what is theirs: one line of text, in the order in which it is read."""

import re

from sonograph.accounts.suggestions import checked_text
from sonograph.errors import Invalid

# Control characters, line breaks, and what turns the direction of all that stands behind it: in lists, letters and
# files of rows. The marks that Arabic and Hebrew names may need (U+200E, U+200F, U+061C) turn nothing, and stay.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def checked_name(text: str | None, field: str, most: int) -> str | None:
    """A name without blanks around it, None for an empty one; raises `Invalid`, which names the field."""
    checked = checked_text(text, field, most)
    if checked is not None and CONTROL.search(checked):
        raise Invalid(f"{field} must be text of at most {most} characters, without control characters", field)
    return checked
