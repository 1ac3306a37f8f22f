"""What a pass did and did not do, for people: counted, and line by line."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sonograph.catalog.merging.clustering import Conflict
from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId
from sonograph.catalog.writer.merged import B, Cluster, survivor

REASONS = {
    MergeReason.LEADER: "leads",
    MergeReason.ISRC: "shared ISRC",
    MergeReason.PLATFORM_ID: "shared platform id",
    MergeReason.RELATION: "relation between sources",
    MergeReason.NAME: "name, duration and version",
    MergeReason.ISWC: "shared ISWC",
}


@dataclass(slots=True)
class MergeReport:
    """Counts of a pass; `write` takes each line as it comes."""

    write: Callable[[dict[str, Any]], None] = lambda _line: None
    looked_at: Counter[str] = field(default_factory=Counter)  # rows, by kind
    merged: Counter[str] = field(default_factory=Counter)  # rows that went into others, by kind and reason
    parted: Counter[str] = field(default_factory=Counter)  # clusters that came apart or changed, by kind
    conflicts: Counter[str] = field(default_factory=Counter)  # by kind and reason
    seconds: float = 0.0
    dry_run: bool = False

    def joined(self, kind: EntityKind, clusters: Iterable[Cluster[B]]) -> None:
        name = kind.name.lower()
        for cluster in clusters:
            row = survivor(cluster)
            for member in cluster[1:]:
                self.merged[f"{name}: {REASONS[member.reason]}"] += 1
            self.write(
                {
                    "merged": name,
                    "id": row,
                    "members": [
                        {
                            "id": member.row,
                            "source": OriginId(member.source).name.lower(),
                            "source_id": member.source_id,
                            "reason": REASONS[member.reason],
                            "evidence": member.evidence,
                        }
                        for member in cluster
                    ],
                }
            )

    def refused(self, kind: EntityKind, conflict: Conflict) -> None:
        name = kind.name.lower()
        self.conflicts[f"{name}: {REASONS[conflict.reason]}"] += 1
        self.write(
            {
                "conflict": name,
                "ids": conflict.rows,
                "source_ids": [{"source": OriginId(o).name.lower(), "source_id": i} for o, i in conflict.ids],
                "reason": REASONS[conflict.reason],
                "evidence": conflict.evidence,
                "why": conflict.why,
            }
        )
