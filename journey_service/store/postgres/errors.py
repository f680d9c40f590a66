"""Why a database cannot be used at all; what a person reads at start. Refusals of calls are
`journey_service.domain.errors`.
"""

from __future__ import annotations


class DatabaseUnfit(Exception):
    """The database cannot be used as it is. Nothing in it was changed."""

    exit_code = 78
