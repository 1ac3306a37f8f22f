"""The one way in which rows get into the catalog."""

from sonograph.catalog.writer.intake import Prepared, prepare
from sonograph.catalog.writer.outcome import Outcome, Problem
from sonograph.catalog.writer.writer import write_batch, write_prepared, write_records

__all__ = ["Outcome", "Prepared", "Problem", "prepare", "write_batch", "write_prepared", "write_records"]
