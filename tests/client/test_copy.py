from journey.v1.journey_service_pb2 import (
    RemovedJourney,
    WatchDelta,
    WatchResponse,
    WatchSnapshot,
)
from journey.v1.journeys_pb2 import Journey, MediaState
from journey.v1.references_pb2 import JourneyRef, Processed
from journey.v1.stream_pb2 import Heartbeat, StreamOpened
from journey_client._copy import Copy, JourneyKey, Step

FILM = JourneyKey("media", "film")
CART = JourneyKey("cart", "main")


def ref(key: JourneyKey) -> JourneyRef:
    return JourneyRef(kind=key.kind, journey_id=key.journey_id)


def media(point_ms: int, key: JourneyKey = FILM) -> Journey:
    return Journey(ref=ref(key), media=MediaState(point_ms=point_ms))


def opened(frame: int) -> WatchResponse:
    return WatchResponse(opened=StreamOpened(stream_id="s"), frame=frame)


def snapshot(frame: int, *journeys: Journey, part: int = 1, last: bool = True) -> WatchResponse:
    content = WatchSnapshot(
        part=part, last=last, journeys=journeys, continue_list=[each.ref for each in journeys]
    )
    return WatchResponse(snapshot=content, frame=frame, token=f"t{frame}" if last else "")


def delta(frame: int, *journeys: Journey, last: bool = True) -> WatchResponse:
    content = WatchDelta(last=last, journeys=journeys)
    return WatchResponse(delta=content, frame=frame, token=f"t{frame}" if last else "")


def following(*frames: WatchResponse) -> Copy:
    copy = Copy()
    for frame in frames:
        copy.apply(frame)
    return copy


def test_a_snapshot_replaces_the_copy() -> None:
    copy = following(opened(1), snapshot(2, media(1), media(2, CART)))
    copy.take_changes()
    copy.begin_stream()
    copy.apply(opened(1))
    assert copy.apply(snapshot(2, media(3))) is Step.APPLIED
    assert copy.journeys == {FILM: media(3)}
    assert copy.take_changes() == (frozenset({FILM}), frozenset({CART}))
    assert copy.token == "t2"


def test_parts_are_applied_together_at_the_last_one() -> None:
    copy = following(opened(1), snapshot(2, media(1), last=False))
    assert copy.journeys == {}
    assert copy.token == ""
    assert copy.apply(snapshot(3, media(2, CART), part=2)) is Step.APPLIED
    assert copy.journeys.keys() == {FILM, CART}
    assert copy.continue_keys == (FILM, CART)
    assert copy.token == "t3"


def test_parts_of_a_broken_stream_are_forgotten() -> None:
    copy = following(opened(1), snapshot(2, media(1), last=False))
    copy.begin_stream()
    copy.apply(opened(1))
    copy.apply(snapshot(2, media(2, CART)))
    assert copy.journeys.keys() == {CART}


def test_a_repeated_frame_is_dropped() -> None:
    copy = following(opened(1), snapshot(2, media(1)), delta(3, media(2)))
    assert copy.apply(delta(3, media(9))) is Step.DROPPED
    assert copy.journeys[FILM] == media(2)


def test_a_missing_frame_is_told_and_what_follows_is_not_applied() -> None:
    copy = following(opened(1), snapshot(2, media(1)))
    assert copy.apply(delta(4, media(2))) is Step.HOLE
    assert copy.journeys[FILM] == media(1)
    assert copy.token == "t2"


def test_a_delta_replaces_whole_states_and_keeps_the_others() -> None:
    copy = following(opened(1), snapshot(2, media(1), media(5, CART)), delta(3, media(2)))
    assert copy.journeys == {FILM: media(2), CART: media(5, CART)}


def test_a_customer_who_has_another_id_since_somebody_joined_is_known_by_it() -> None:
    begun = WatchSnapshot(last=True, customer_id="visitor")
    joined = WatchDelta(last=True, customer_id="mila")
    copy = following(WatchResponse(snapshot=begun, frame=1), delta(2))
    assert copy.customer_id == "visitor"
    copy.apply(WatchResponse(delta=joined, frame=3))
    assert copy.customer_id == "mila"


def test_a_journey_that_is_removed_is_gone_from_the_copy() -> None:
    copy = following(opened(1), snapshot(2, media(1)))
    copy.take_changes()
    removed = WatchDelta(last=True, removed=[RemovedJourney(journey=ref(FILM))])
    copy.apply(WatchResponse(delta=removed, frame=3, token="t3"))
    assert copy.journeys == {}
    assert copy.take_changes() == (frozenset(), frozenset({FILM}))


def test_the_continue_list_stays_unless_a_delta_says_that_it_changed() -> None:
    copy = following(opened(1), snapshot(2, media(1)), delta(3, media(2)))
    assert copy.continue_keys == (FILM,)
    changed = WatchDelta(last=True, continue_changed=True)
    copy.apply(WatchResponse(delta=changed, frame=4, token="t4"))
    assert not copy.continue_keys


def test_the_token_of_a_heartbeat_counts() -> None:
    copy = following(opened(1), snapshot(2, media(1)))
    beat = WatchResponse(heartbeat=Heartbeat(), frame=3, token="t3")
    assert copy.apply(beat) is Step.NOTHING
    assert copy.token == "t3"


def test_watermarks_are_kept_by_epoch_and_subject() -> None:
    copy = following(opened(1))
    marks = WatchDelta(last=True, processed=[Processed(epoch=1, subject_id="mila", seq=7)])
    copy.apply(WatchResponse(delta=marks, frame=2, token="t2"))
    assert copy.processed == {(1, "mila"): 7}
