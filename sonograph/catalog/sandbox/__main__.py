"""`python -m sonograph.catalog.sandbox`: the records as JSONL on standard output."""

import sys

import msgspec

from sonograph.catalog.sandbox import records

if __name__ == "__main__":
    for record in records():
        sys.stdout.buffer.write(msgspec.json.encode(record) + b"\n")
