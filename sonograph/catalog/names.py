"""Names as the catalog compares them: folded text, artist and title keys, and the match keys of exact search.

The same functions are used when rows are written and when a query is asked. They never fail, whatever the text (NUL,
lone surrogates, emoji, 100,000 characters), take linear time and give bounded results without NUL or surrogates, so
that PostgreSQL takes them. Keys follow the Unicode tables of the Python in use: after a Python release that adds
letters, names written with those are to be keyed again.

Measured (the best of four, one core of a shared 2-core machine): a title key takes 3 µs for a plain title and 11-18 µs
for one with guests and versions, an artist key 1 µs, all match keys of a track 13-42 µs, the keys of a query 20-48 µs.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import chain, islice

from sonograph.catalog.credits import MAX_ARTIST_KEY, artist_key, artist_parts
from sonograph.catalog.folding import cut, fold, transliterated
from sonograph.catalog.titles import MAX_TITLE_KEY, Title, is_noise, is_weak, title_forms, title_key, title_parts

__all__ = [
    "Title",
    "artist_key",
    "artist_parts",
    "fold",
    "is_weak",
    "match_key",
    "match_keys",
    "query_keys",
    "query_tokens",
    "search_text",
    "search_words",
    "title_key",
    "title_parts",
    "transliterated",
]

MAX_MATCH_KEYS = 24
MAX_QUERY_KEYS = 12
MAX_SEARCH_TEXT = 400
MAX_QUERY_TOKENS = 12
MAX_TOKEN = 40
# Joining words stand in some spellings of a credit and not in others: a search must not insist on them.
_JOINING = frozenset(("and", "feat", "ft", "featuring", "vs", "with", "x"))


def match_key(artist_key: str, title_key: str) -> int:
    """A signed 64-bit hash of both keys, blind to the order of their words."""
    text = f"{' '.join(sorted(artist_key.split()))}|{' '.join(sorted(title_key.split()))}"
    # Keys of ours hold no surrogates; "surrogatepass" is for callers that bring their own.
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def match_keys(artist_credit_names: Sequence[str], title: str) -> set[int]:
    """All keys under which a track is stored, at most `MAX_MATCH_KEYS`: its artists by its titles.

    Artists are the credited ones, the guests named in the title, and the parts of each credit. Titles are the one as
    written and the one without weak versions, because a search for a song shall find its radio edit. Each is there in
    Latin letters too.
    """
    forms = title_forms(title)
    credited = [artist_parts(name) for name in artist_credit_names]
    whole = chain.from_iterable(parts[:1] for parts in credited)
    artists = _in_both_scripts(chain(whole, forms.featured, *credited), MAX_ARTIST_KEY)
    titles = _in_both_scripts((forms.exact, forms.recording), MAX_TITLE_KEY)
    pairs = islice(((artist, key) for key in titles for artist in artists), MAX_MATCH_KEYS)
    return {match_key(artist, key) for artist, key in pairs}


def query_keys(artist: str, title: str) -> list[list[int]]:
    """Keys to search by, in order of preference: the version asked for, without weak version words, the song alone.

    At most `MAX_QUERY_KEYS` in all, each once; a level without keys of its own is left out.
    """
    forms = title_forms(title)
    artists = _in_both_scripts(artist_parts(artist), MAX_ARTIST_KEY)
    wanted = dict.fromkeys((forms.exact, forms.recording, forms.base))
    levels: list[list[int]] = []
    left, seen = MAX_QUERY_KEYS, set[int]()
    for number, form in enumerate(wanted):
        titles = _in_both_scripts((form,), MAX_TITLE_KEY)
        keys = dict.fromkeys(match_key(name, key) for name in artists for key in titles)
        # What one level leaves of its equal share, the next ones may take.
        level = [key for key in keys if key not in seen][: left // (len(wanted) - number)]
        if level:
            levels.append(level)
            seen.update(level)
            left -= len(level)
    return levels


def search_text(artists: Sequence[str], title: str) -> str:
    """What the full-text index holds of a track besides its title key: `search_words` that are not in that."""
    known = set(title_key(title).split())
    return " ".join(word for word in search_words(artists, title) if word not in known)


def search_words(artists: Sequence[str], title: str) -> list[str]:
    """The words by which a track is found, each once, at most `MAX_SEARCH_TEXT` characters with spaces between them.

    Words of the title key come first, then artists, both in Latin letters, then the rest of the title (the place of a
    live recording). Noise is left out.
    """
    forms = title_forms(title)
    names = [forms.exact, *map(fold, artists), *forms.featured]
    latin = (transliterated(name) or "" for name in names)
    rest = (word for word in fold(title).split() if not is_noise(word))
    words = dict.fromkeys(_cut_tokens(chain(" ".join(names).split(), " ".join(latin).split(), rest)))
    length, taken = -1, []
    for word in words:
        length += 1 + len(word)
        if length > MAX_SEARCH_TEXT:
            break
        taken.append(word)
    return taken


def query_tokens(artist: str, title: str) -> list[str]:
    """Words that all stand in the title key or `search_text` of what is asked for; [] when only symbols were given.

    At most `MAX_QUERY_TOKENS` of at most `MAX_TOKEN` characters; a long credit leaves the title half of them. Joining
    words and noise are left out unless there is nothing else.
    """
    names = dict.fromkeys(_cut_tokens(artist_key(artist).split()))
    titles = dict.fromkeys(_cut_tokens(title_forms(title).recording.split()))
    telling = [name for name in names if name not in _JOINING]
    told = [word for word in titles if word not in _JOINING and not is_noise(word)]
    if not telling and not told:
        telling, told = list(names), list(titles)
    telling = telling[: max(MAX_QUERY_TOKENS // 2, MAX_QUERY_TOKENS - len(told))]
    return list(dict.fromkeys(telling + told))[:MAX_QUERY_TOKENS]


def _in_both_scripts(keys: Iterable[str], limit: int) -> list[str]:
    """The keys that are not empty, each once, each followed by its Latin form if it is in another script."""
    found: dict[str, None] = {}
    for key in keys:
        if key and key not in found:
            found[key] = None
            if not key.isascii() and (latin := transliterated(key)):
                found[cut(latin, limit)] = None
    return list(found)


def _cut_tokens(words: Iterable[str]) -> Iterator[str]:
    """The words cut to `MAX_TOKEN`, without keys made of symbols."""
    return (word[:MAX_TOKEN] for word in words if word[0].isalnum())
