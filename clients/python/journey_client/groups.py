"""Groups of consumers: made, moved, removed, served without a stream, and what they put aside."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from journey.v1 import groups_pb2 as messages
from journey.v1.reading_pb2 import EndPoint, StartPoint
from journey_client import _methods as methods
from journey_client._calls import Ask, Calls
from journey_client._error import JourneyError
from journey_client.consume_settings import (
    CREDIT_BYTES,
    CREDITS,
    DEFAULTS,
    MOST_CREDIT_BYTES,
    MOST_CREDITS,
    ConsumeSettings,
    own_consumer_id,
)
from journey_client.consuming import Deliveries
from journey_client.delivery import Delivery

SETTINGS = frozenset({"lease_ms", "max_attempts", "min_backoff_ms", "max_backoff_ms", "on_park"})
# A pull waits so long beyond what it asked for before its caller gives up.
_PATIENCE_MS = 5_000
# Counting and moving many events takes longer than one answer.
_BULK_MS = 30_000


class GroupCalls:
    """What a client can do with groups."""

    _calls: Calls

    def consume(
        self,
        group_id: str,
        *,
        consumer_id: str = "",
        credits: int = CREDITS,  # noqa: A002 - the word of the protocol
        credit_bytes: int = CREDIT_BYTES,
        on_error: Callable[[Delivery, Exception], None] | None = None,
        on_lost: Callable[[Delivery, JourneyError], None] | None = None,
        settings: ConsumeSettings = DEFAULTS,
    ) -> Deliveries:
        """The group's deliveries to this consumer; see Deliveries.

        `consumer_id` is stable for a process: a second stream with it replaces the first; without
        it one is made. `credits` and `credit_bytes` are how much may be here, unsettled, at once.
        `on_error` hears of bodies that failed (default: the log; what it raises gets out),
        `on_lost` of deliveries that went elsewhere meanwhile. Raises ValueError for `credits` that
        are not 1 to 1,000, and `credit_bytes` that are not 1 to 16 MiB: a service caps them so.
        """
        _check("credits", credits, MOST_CREDITS)
        _check("credit_bytes", credit_bytes, MOST_CREDIT_BYTES)
        start = messages.ConsumeStart(
            group_id=group_id,
            consumer_id=consumer_id or own_consumer_id(),
            credit=messages.Credit(deliveries=credits, bytes=credit_bytes),
        )
        return Deliveries(self._calls, start, on_error=on_error, on_lost=on_lost, settings=settings)

    async def pull(
        self,
        group_id: str,
        *,
        consumer_id: str,
        max_deliveries: int = 100,
        max_bytes: int = 0,
        wait_ms: int = 0,
    ) -> Sequence[messages.Delivery]:
        """Deliveries for a caller without a stream, perhaps none after `wait_ms`; settle them with
        `settle` before their leases end, or they come again."""
        request = messages.PullRequest(
            group_id=group_id,
            consumer_id=consumer_id,
            max_deliveries=max_deliveries,
            max_bytes=max_bytes,
            wait_ms=wait_ms,
        )
        answer = await self._calls.unary(
            methods.PULL, _same(request), timeout_ms=wait_ms + _PATIENCE_MS
        )
        return answer.deliveries

    async def settle(
        self,
        group_id: str,
        *,
        ack_ids: Iterable[str] = (),
        nacks: Iterable[messages.Nack] = (),
        extensions: Iterable[messages.Extension] = (),
    ) -> messages.SettlementResult:
        """Settle deliveries by their ids; what did not count is among the `failures`."""
        settlement = messages.Settlement(ack_ids=ack_ids, nacks=nacks, extensions=extensions)
        request = messages.SettleRequest(group_id=group_id, settlement=settlement)
        return (await self._calls.unary(methods.SETTLE, _same(request))).result

    # --- groups ---

    async def create_group(
        self,
        group: messages.Group,
        *,
        start: StartPoint | None = None,
        allow_existing: bool = True,
    ) -> messages.Group:
        """Make a group that begins at `start`; default: with what is recorded from now on.

        An equal one that is there is a success, unless `allow_existing` is off. Raises GroupExists.
        """
        request = messages.CreateGroupRequest(
            group=group, start=start or StartPoint(end=True), allow_existing=allow_existing
        )
        return (await self._calls.unary(methods.CREATE_GROUP, _same(request))).group

    async def group(self, group_id: str) -> messages.Group:
        """Its settings and exact figures. Raises GroupNotFound."""
        request = messages.GetGroupRequest(group_id=group_id)
        return (await self._calls.unary(methods.GET_GROUP, _same(request))).group

    async def groups(self) -> AsyncIterator[messages.Group]:
        """All groups that the caller may see, by id, page by page."""
        request = messages.ListGroupsRequest()
        while True:
            answer = await self._calls.unary(methods.LIST_GROUPS, _same(request))
            for group in answer.groups:
                yield group
            request = messages.ListGroupsRequest(page_token=answer.next_page_token)
            if not request.page_token:
                return

    async def update_group(
        self, group: messages.Group, fields: Collection[str] = SETTINGS
    ) -> messages.Group:
        """Change these settings to what `group` says. It is as it was read, with its etag.

        Raises GroupNotFound, EtagMismatch where somebody else changed it since.
        """
        request = messages.UpdateGroupRequest(
            group=group, update_mask=FieldMask(paths=sorted(fields))
        )
        return (await self._calls.unary(methods.UPDATE_GROUP, _same(request))).group

    async def delete_group(self, group_id: str, *, etag: str = "", force: bool = False) -> bool:
        """Remove a group with its progress; False = gone before. Without `etag` as it stands now.

        Raises EtagMismatch, and ParkedPresent unless `force` is on.
        """
        etag = etag or (await self.group(group_id)).etag
        request = messages.DeleteGroupRequest(group_id=group_id, etag=etag, force=force)
        return (await self._calls.unary(methods.DELETE_GROUP, _same(request))).deleted

    async def seek_group(
        self,
        group_id: str,
        target: StartPoint,
        *,
        end: EndPoint | None = None,
        discard_parked: bool = False,
        dry_run: bool = False,
    ) -> messages.SeekGroupResponse:
        """Move the progress: the group, and how many events are to be delivered from there.

        What is delivered again is marked as replayed. With `end` that is a range: what was settled
        up to there comes again, and then the group goes on where it stood. Raises GroupNotFound,
        ReplayRunning, and what a checkpoint raises.
        """
        request = messages.SeekGroupRequest(
            group_id=group_id,
            target=target,
            end=end,
            discard_parked=discard_parked,
            dry_run=dry_run,
            command_id=str(uuid.uuid4()),
        )
        return await self._calls.unary(methods.SEEK_GROUP, _same(request), timeout_ms=_BULK_MS)

    # --- what was put aside ---

    async def parked(
        self, group_id: str, *, wanted: messages.ParkedFilter | None = None, page_size: int = 0
    ) -> AsyncIterator[messages.ParkedEvent]:
        """The parked events, by partition and position, page by page. Raises GroupNotFound."""
        page_token = ""
        while True:
            answer = await self.parked_page(
                group_id, wanted=wanted, page_size=page_size, page_token=page_token
            )
            for event in answer.parked:
                yield event
            page_token = answer.next_page_token
            if not page_token:
                return

    async def parked_page(
        self,
        group_id: str,
        *,
        wanted: messages.ParkedFilter | None = None,
        page_size: int = 0,
        page_token: str = "",
    ) -> messages.ListParkedResponse:
        """One page of the parked events, with their exact total. Raises GroupNotFound."""
        request = messages.ListParkedRequest(
            group_id=group_id, filter=wanted, page_size=page_size, page_token=page_token
        )
        return await self._calls.unary(methods.LIST_PARKED, _same(request))

    async def replay_parked(
        self,
        group_id: str,
        *,
        parked_ids: Iterable[str] = (),
        wanted: messages.ParkedFilter | None = None,
        limit: int = 0,
        dry_run: bool = False,
    ) -> messages.ReplayParkedResponse:
        """Deliver parked events again, of each subject in order: these, or those that match.

        Raises GroupNotFound, ReplayRunning.
        """
        request = messages.ReplayParkedRequest(
            group_id=group_id,
            parked_ids=parked_ids,
            filter=wanted,
            limit=limit,
            dry_run=dry_run,
            command_id=str(uuid.uuid4()),
        )
        return await self._calls.unary(methods.REPLAY_PARKED, _same(request), timeout_ms=_BULK_MS)

    async def discard_parked(
        self,
        group_id: str,
        *,
        reason: str,
        parked_ids: Iterable[str] = (),
        wanted: messages.ParkedFilter | None = None,
        limit: int = 0,
        dry_run: bool = False,
    ) -> messages.DiscardParkedResponse:
        """Drop parked events, as `replay_parked` chooses them.

        They come again only if a seek or a replay of a range asks for their place.

        Raises GroupNotFound, ReplayRunning.
        """
        request = messages.DiscardParkedRequest(
            group_id=group_id,
            reason=reason,
            parked_ids=parked_ids,
            filter=wanted,
            limit=limit,
            dry_run=dry_run,
            command_id=str(uuid.uuid4()),
        )
        return await self._calls.unary(methods.DISCARD_PARKED, _same(request), timeout_ms=_BULK_MS)


def _check(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise ValueError(f"{name} must be 1 to {most:,}; is {value:,}")


def _same(request: Ask) -> Callable[[], Ask]:
    """Every try sends the same."""
    return lambda: request
