"""A dump of Discogs: an excerpt of 1,000 releases, repeated until there are enough tracks.

Releases, masters, artists and labels of each repetition have ids of their own, names do not: artists of one name are as
many as repetitions, which a real dump has fewer of.
"""

import gzip
import re
from pathlib import Path

EXCERPT = Path(__file__).parents[3] / "shared/data/discogs_samples/discogs_20200806_releases.xml.gz"
_IDS = re.compile(r'(<release id="|<master_id[^>]*>|<artist><id>|<label [^>]* id=")(\d+)')
_VARIOUS = "194"
_STRIDE = 10_000_000
_TRACKS = 8_891  # of the excerpt


def write_repeated(path: Path, tracks: int) -> None:
    text = gzip.decompress(EXCERPT.read_bytes()).decode()
    releases = text[text.index("<release ") : text.rindex("</releases>")]
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as out:
        out.write("<releases>\n")
        for repeat in range(-(-tracks // _TRACKS)):

            def own(match: re.Match[str], shift: int = repeat * _STRIDE) -> str:
                return match[0] if match[2] == _VARIOUS else f"{match[1]}{int(match[2]) + shift}"

            out.write(_IDS.sub(own, releases))
        out.write("</releases>\n")
