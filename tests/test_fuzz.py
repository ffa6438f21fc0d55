"""Requests that nobody would make, by the service's own description: a few; the benchmark makes
thousands.
"""

import pytest

from benchmarks.service_fuzz import fuzz


@pytest.mark.server
def test_no_request_is_answered_by_a_failure_of_the_service():
    """Whatever is sent to uploads, jobs and webhooks that exist."""
    found = fuzz(1, examples=2, phases="fuzzing", tags=("uploads", "jobs", "webhooks"))
    assert found.cases > 20
    assert (found.failures, found.tracebacks) == ([], 0)
