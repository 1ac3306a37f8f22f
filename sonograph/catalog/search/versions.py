"""How alike two versions of a song are: "fat boy slim remix" and "fatboyslim mix" are, "live" and "acoustic" are not.

Scores go as those of other tiers do, in steps of a thirtieth: alike from 1 on, the song in no version `ORIGINAL`, other
versions behind it.
"""

from sonograph.catalog.search.query import KINDS, MAX_COMPARED
from sonograph.catalog.title_words import MIXES, NAMED, STATES

ORIGINAL = 15
_FAR = 30  # letters by which versions are told apart
# What the words of a version end in, as `titles` writes them into a key.
ENDINGS = NAMED | MIXES | STATES | {"up", "slowed", "reverb", "nightcore"}


def _any(words: frozenset[str]) -> str:
    """A constant, so that PostgreSQL looks words up by their hash."""
    return f"'{{{','.join(sorted(words))}}}'::text[]"


def ends_in_version(text: str) -> str:
    """Whether the last word of folded `text` is one that versions end in."""
    last = f"split_part({text}, ' ', -1)"
    return f"({last} = any({_any(ENDINGS)}) or {text} ~ '^(alternate )?take [0-9]+$')"


def _joined(text: str) -> str:
    return f"replace({text}, ' ', '')"


def _whose(text: str) -> str:
    """A version without its kind, joined: of "fatboy slim remix", "fatboyslim"; of a kind alone, itself."""
    kinds = rf"\m({'|'.join(sorted(KINDS))})\M"
    without = _joined(f"regexp_replace({text}, '{kinds}', '', 'g')")
    return f"coalesce(nullif({without}, ''), {_joined(text)})"


def version_score(found: str, asked: str) -> str:
    """SQL of the score of a recording in version `found` for a search that asked for `asked`; "" is no version.

    Alike are versions of which less than half of the letters differ once the kind (remix, mix, edit) is left out, and
    those that have all words asked for.
    """
    told = f"""select edit_distance({_whose(f"left({found}, {MAX_COMPARED})")}, {_whose(asked)}, {_FAR}) as whose,
        edit_distance({_joined(f"left({found}, {MAX_COMPARED})")}, {_joined(asked)}, {_FAR}) as letters,
        greatest(length({_whose(found)}), length({_whose(asked)})) as longest"""
    alike = f"""2 * d.whose < d.longest or string_to_array({found}, ' ') @> string_to_array({asked}, ' ')"""
    return f"""case when {asked} = '' then length({found}) when {found} = '' then {ORIGINAL} else (
        select case when {alike} then 1 + least((d.whose + d.letters + 1) / 2, {ORIGINAL - 2})
          else {ORIGINAL + 1} + least(d.whose, {_FAR - ORIGINAL - 1}) end from ({told} offset 0) d) end"""


def version_differs(title: str, asked: str) -> str:
    """SQL, whether a title key ends in a version that is not among the words `asked` for, or lacks one that is.

    Its last word tells: a search by words ranks up to 5,000 rows.
    """
    last = f"split_part({title}, ' ', -1)"
    return f"""case when {last} = any({_any(ENDINGS)}) then {last} <> all({asked})
        else {asked} && {_any(ENDINGS)} end"""
