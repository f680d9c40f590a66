"""Whether there is a customer at all, told to callers that reach everybody."""

from __future__ import annotations

from journey.v1.access_pb2 import ROLE_DEVELOPER, ROLE_SERVICE
from journey_service.application.context import Context
from journey_service.domain.errors import CustomerNotFound
from journey_service.domain.identity import Principal

REACH_EVERYBODY = frozenset({ROLE_SERVICE, ROLE_DEVELOPER})


async def check_there(
    context: Context, principal: Principal, subject_id: str, version: int
) -> None:
    """Raises CustomerNotFound to services and developers where nothing is known of the subject.

    `version` is where its stream stands. A device or staff reaches its own subject alone, and that
    one is there with its first call, if empty: it gets empty answers, so that what is not there and
    what is not its own stay alike. A session may be stored shortly before its first event.
    """
    if version or principal.role not in REACH_EVERYBODY:
        return
    if await context.sessions.list_of(subject_id, limit=1):
        return
    raise CustomerNotFound(
        f"There is no customer {subject_id}: nothing was recorded of it and no session opened. "
        "Look at the id; recording for it makes it.",
        subject_id=subject_id,
    )
