"""Bulk data of The MLC (https://www.themlc.com/dataprograms) and other feeds in DDEX' BWARM format.

Read are musical works with their ISWCs, resources (recordings) with their ISRCs, and the links between them. Not read:
parties, right shares and releases, for which there is no place; alternative titles, as works have one title; and
resources that nobody has matched with a work, which are what services reported, many times over.
"""

from collections.abc import Iterator

from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.mlc.feed import feed_files
from sonograph.catalog.importers.mlc.links import empty_links
from sonograph.catalog.importers.mlc.records import resource_item, work_item
from sonograph.catalog.importers.mlc.rows import TableFile, cell
from sonograph.catalog.importers.mlc.tables import Table
from sonograph.catalog.importers.source_file import SourceFile


def read_mlc(file: SourceFile, skip: int) -> Iterator[Item]:
    """Items of a feed by its manifest: works, then resources with the works that they are linked to."""
    files = feed_files(file)
    order = [table for table in (Table.WORKS, Table.LINKS, Table.RESOURCES) if table in files]
    with empty_links() as links:
        for table, opened in zip(order, file.follow([files[table] for table in order]), strict=True):
            rows = TableFile(opened, table)
            if table is Table.LINKS:
                links.fill(_pairs(rows))
                continue
            for row in rows.rows():
                if skip > 0:
                    skip -= 1
                    continue
                if table is Table.WORKS:
                    yield work_item(row, rows.columns)
                else:
                    yield resource_item(row, rows.columns, links)


def _pairs(rows: TableFile) -> Iterator[tuple[str, str]]:
    for row in rows.rows():
        resource, work = cell(row, rows.columns["resource"]), cell(row, rows.columns["work"])
        if resource and work:
            yield resource, work
