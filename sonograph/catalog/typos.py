"""What finds a name in spite of a slip of the finger: hashes of an artist's key with a letter left out, and signatures
of titles that lie near each other when the titles do.

Both are written into the catalog, so these functions must not change: a test holds their values.
"""

from binascii import crc32
from collections.abc import Iterable

from sonograph.catalog.folding import transliterated

# A name of three letters is a letter away from a hundred others.
MIN_LETTERS = 4
# Of longer keys only the key itself and its joined form are hashed: that bounds rows, and few names are as long.
MAX_LETTERS = 32
SIGNATURE_BITS = 32


def typo_hashes(key: str) -> list[int]:
    """32-bit hashes of an artist key and of what is left of it when any one letter is.

    Two keys that differ by one letter put in, left out or replaced, by two neighbours that changed places, by spaces
    or by the order of words have a hash in common. Others may, too: compare what is found.
    """
    words = key.split()
    letters = sum(map(len, words))
    forms = {"".join(sorted(words)): None, "".join(words): None}
    if MIN_LETTERS <= letters <= MAX_LETTERS:
        for number, word in enumerate(words):
            rest = words[:number] + words[number + 1 :]
            for place in range(len(word)):
                forms["".join(sorted([*rest, word[:place] + word[place + 1 :]]))] = None
    return [_signed(crc32(form.encode("utf-8", "surrogatepass"))) for form in forms]


def all_typo_hashes(keys: Iterable[str]) -> list[int]:
    """Of all keys that one artist is found by, each hash once; "the beatles" adds nothing to "beatles"."""
    told = set(keys)
    return list(
        dict.fromkeys(
            hashed for key in told if not (key.startswith("the ") and key[4:] in told) for hashed in typo_hashes(key)
        )
    )


def title_signature(key: str) -> int:
    """32 bits (as a signed integer), one for each pair of neighbouring letters in the words of a title key.

    Blind to the order of words and, by transliteration, to the script. A slip changes four bits at most, another title
    about fourteen, so that the few titles of an artist worth comparing are found without reading any.
    """
    bits = 0
    for word in (transliterated(key) or key).split():
        before = 0
        for letter in f"{word} ":
            code = ord(letter)
            # The top bits of a product with the golden ratio: neighbours in the alphabet fall far apart.
            bits |= 1 << ((before * 31 + code) * 2_654_435_761 >> 27 & 31)
            before = code
    return _signed(bits)


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number
