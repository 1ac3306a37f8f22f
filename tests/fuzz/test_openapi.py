"""Random requests for every operation of openapi.json: whatever is sent, no answer is a server error or a surprise."""

from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from tests.service import Service

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = 15  # an operation, and as many again that are wrong: 30 s for all of them on two cores

# Any bytes, as they are: random ones are no sound, but what is sent must not be more than a 400 either.
schemathesis.serializer.alias("audio/*", "application/octet-stream")
# The feed has no end: tests/events asks it.
schema = schemathesis.openapi.from_path(str(ROOT / "openapi.json")).exclude(path="/v1/streams/live")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_is_a_server_error(case: schemathesis.Case[Any], service: Service, test_key: str) -> None:
    case.call_and_validate(
        base_url=service.url,
        headers={"x-api-key": test_key},
        checks=[not_a_server_error, status_code_conformance],
        timeout=20,
    )
