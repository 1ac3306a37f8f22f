"""What resolvers work with besides the reads of the catalog."""

from dataclasses import dataclass, field

from sonograph.accounts.credits import Credits
from sonograph.accounts.plans import PlanTable
from sonograph.engine import Engine
from sonograph.errors import Unavailable
from sonograph.events.hub import Hub
from sonograph.monitoring.report.report import Reports
from sonograph.recognition.recogniser import Recogniser
from sonograph.recognition.uploads.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Services:
    """Made once a process. `credits` is None where nothing is charged: credits that it holds count as spent.

    Without `recogniser` and `uploads` nothing is identified or taken, without `hub` nobody is told of events.
    """

    engine: Engine
    credits: Credits | None = None
    plans: PlanTable = field(default_factory=PlanTable)
    recogniser: Recogniser | None = None
    uploads: Uploads | None = None
    hub: Hub | None = None
    reports: Reports = field(default_factory=Reports)

    @property
    def live_hub(self) -> Hub:
        """The hub; raises `Unavailable` where there is none."""
        if self.hub is None:
            raise Unavailable("This process tells nobody of events.")
        return self.hub
