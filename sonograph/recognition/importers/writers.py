"""Who writes what importers read, where fingerprints are among it: for `run_import(write=…)`."""

from collections.abc import Mapping

from sonograph.catalog.importers.sources import Write
from sonograph.recognition.importers.acoustid import write_acoustid
from sonograph.recognition.importers.jsonl import write_jsonl

WRITERS: Mapping[str, Write] = {"jsonl": write_jsonl, "acoustid": write_acoustid}
