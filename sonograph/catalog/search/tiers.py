"""What all searches share: how rows are ranked, how tiers are bounded, what is refused."""

from sonograph.catalog.folding import fold, repaired
from sonograph.errors import Invalid
from sonograph.postgres.found import Order

MAX_QUERY = 5000  # characters of a name or title that are looked at
PER_KEY = 500  # matches of one key: more recordings of one song by one artist are not told apart by a search
PER_TIER = 1000  # rows of a prefix or text tier that are ranked
TEXT_LOOKED_AT = 5000  # rows of the text index that are ranked: "love" has 30,000 among a million

RANKED = (
    Order("this._tier", "int"),
    Order("this._score", "int"),
    Order("this.popularity", "int", desc=True),
    Order("this.id", "int"),
)
BY_COUNT = (RANKED[0], RANKED[1], Order("this.release_count", "int", desc=True), RANKED[3])


def unless_full(first: int, after: str | None, *tiers: str) -> str:
    """A condition that no row decides: PostgreSQL tests it once and does not start the scan when it is false.

    Up to `first` hits of the tiers before, this one is asked, because the page's `hasNextPage` needs one row more. Rows
    are counted once: an artist may be in a tier by several keys.
    """
    hits = " union all ".join(f"select id from {tier}" for tier in tiers)
    return "" if after is not None else f"and (select count(distinct id) from ({hits}) f) <= {_step(first)}"


def _step(first: int) -> int:
    """`first` rounded up, so that clients' page sizes do not each make a statement of their own."""
    return next(step for step in (5, 20, 50, 100, max(first, 100)) if first <= step)


def needed(text: str, field: str) -> str:
    """The text as it is searched for. Raises `Invalid` when there is none, or when it holds NUL, which no name does."""
    if not text.strip():
        raise Invalid(f"{field}: must not be empty", field)
    if "\0" in text:
        raise Invalid(f"{field}: must not contain NUL", field)
    return repaired(text[:MAX_QUERY])


def behind(key: str) -> str:
    """The end of the range of keys that begin so: no character sorts behind U+10FFFF in collation C."""
    return key + "\U0010ffff"


def words_of(text: str) -> str:
    return " ".join(fold(text)[:MAX_QUERY].split()[:12])
