"""A BWARM feed as The MLC's: a manifest, works, resources and the links between them, with headings.

Four works for five resources, eleven links for ten. One resource in twenty has no ISRC, one in fifty is a video.
"""

from pathlib import Path
from random import Random

from benchmarks.catalog.codes import isrc, iswc
from benchmarks.importers.world import SEED, World

MANIFEST = "BWARM_Manifest_PADPIDA0000000000X_20260101000000000.tsv"


def write_feed(folder: Path, resources: int) -> Path:
    """Returns the manifest."""
    world, random = World(resources), Random(SEED + 2)
    works = max(resources * 4 // 5, 1)
    with (folder / "musicalworks.tsv").open("w", encoding="utf-8") as out:
        out.write(
            "#MusicalWorkRecordId\tISWC\tMusicalWorkTitle\tLanguageAndScriptCode\tOpusNumber\tComposerCatalogNumber\t"
            "NominalDuration\tHasRightShareInDispute\tTerritoryOfPublicDomain\tIsArrangementOfTraditionalWork\n"
        )
        for number in range(works):
            code = iswc(number) if number % 2 else ""
            out.write(f"W{number:08}\t{code}\t{world.title(random).upper()}\t\t\t\t\tFALSE\t\tFALSE\n")
    with (folder / "resources.tsv").open("w", encoding="utf-8") as out:
        out.write(
            "#ResourceRecordId\tResourceType\tISRC\tTitle\tLanguageAndScriptCode\tSubTitle\tDisplayArtistName\t"
            "DisplayArtistISNI\tPLine\tDuration\tReleaseRecordId\tOriginalDataProviderName\n"
        )
        for number in range(resources):
            kind = "MusicVideo" if number % 50 == 49 else "SoundRecording"
            code = "" if number % 20 == 19 else isrc(number, 0)
            seconds = random.randint(120, 420)
            out.write(
                f"R{number:09}\t{kind}\t{code}\t{world.title(random)}\t\t\t{world.artist_name(world.artist(random))}\t\t"
                f"(P) 2020 Label\tPT{seconds // 60}M{seconds % 60}S\t{number // 10}\tA distributor\n"
            )
    links = resources * 11 // 10
    with (folder / "workresourcelinks.tsv").open("w", encoding="utf-8") as out:
        out.write("#LinkRecordId\tMusicalWorkRecordId\tResourceRecordId\n")
        for number in range(links):
            resource = number * 7_919 % resources  # in another order than the resources
            work = resource % works if number < resources else random.randrange(works)
            out.write(f"{number}\tW{work:08}\tR{resource:09}\n")
    manifest = folder / MANIFEST
    manifest.write_text(
        "2.0\t6\tA sender\tPADPIDA0000000000X\t\t\t2026-01-01T00:00:00Z\n"
        f"MusicalWorks\tmusicalworks.tsv\t{works + 1}\t\n"
        f"Resources\tresources.tsv\t{resources + 1}\t\n"
        f"WorkResourceLinks\tworkresourcelinks.tsv\t{links + 1}\t\n"
        "EOF\n",
        encoding="utf-8",
    )
    return manifest
