from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_service.domain.batch import Seen, Stamp
from journey_service.domain.errors import Bug, TokenMismatch
from journey_service.domain.tokens import (
    MAX_TOKEN_BYTES,
    Checkpoint,
    PageToken,
    StateToken,
    Tokens,
    WriteToken,
    fingerprint,
    hashed,
    holds_only,
    subject_hash,
    versions_of,
)
from tests.domain.samples import NOW, SUBJECT

KEY, OLD_KEY = b"k" * 32, b"o" * 32
TOKENS = Tokens([KEY, OLD_KEY], "journal")
STATE = StateToken(
    epoch="1",
    session_subject=subject_hash(SUBJECT),
    versions=hashed({SUBJECT: 57, "visitor": 3}),
    floor=Stamp(NOW, 2),
    issued_ms=NOW + 5,
    generation=1,
    journey=0,
    filter=fingerprint("media"),
)
WRITE = WriteToken(epoch="1", versions=hashed({SUBJECT: 57}), positions={13: 70_000})
CHECKPOINT = Checkpoint(epoch="1", positions=dict.fromkeys(range(64), 70_000), issued_ms=NOW)
PAGE = PageToken(epoch="1", call="ListEvents", filter=7, last_key="57", versions={1: 2})
SEALED = {
    "state": TOKENS.seal_state(STATE),
    "write": TOKENS.seal_write(WRITE),
    "checkpoint": TOKENS.seal_checkpoint(CHECKPOINT),
    "page": TOKENS.seal_page(PAGE),
}


def open_page(text: str) -> PageToken:
    return TOKENS.open_page(text, call="ListEvents", filter=7)


OPENERS: dict[str, Callable[[str], object]] = {
    "state": TOKENS.open_state,
    "write": TOKENS.open_write,
    "checkpoint": TOKENS.open_checkpoint,
    "page": open_page,
}
CONTENTS = {"state": STATE, "write": WRITE, "checkpoint": CHECKPOINT, "page": PAGE}


@pytest.mark.parametrize("kind", OPENERS)
def test_what_was_sealed_is_opened(kind: str) -> None:
    assert OPENERS[kind](SEALED[kind]) == CONTENTS[kind]


@pytest.mark.parametrize("sealed", OPENERS)
@pytest.mark.parametrize("opened", OPENERS)
def test_no_kind_is_taken_for_another(sealed: str, opened: str) -> None:
    if sealed != opened:
        with pytest.raises(TokenMismatch):
            OPENERS[opened](SEALED[sealed])


@pytest.mark.parametrize("kind", ["state", "write", "checkpoint"])
def test_a_read_may_wait_for_any_kind_but_a_page(kind: str) -> None:
    assert TOKENS.open_at_least(SEALED[kind]) == CONTENTS[kind]


def test_a_read_cannot_wait_for_a_page() -> None:
    with pytest.raises(TokenMismatch):
        TOKENS.open_at_least(SEALED["page"])


@pytest.mark.parametrize("kind", OPENERS)
@settings(deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_bit_is_found(kind: str, at: int, bit: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(SEALED[kind] + "=="))
    raw[at % len(raw)] ^= 1 << bit
    with pytest.raises(TokenMismatch):
        OPENERS[kind](base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(TokenMismatch):
        TOKENS.open_state(text)


@pytest.mark.parametrize("text", ["", "A", "AQ", "*" * 40, "é" * 40, "A" * (MAX_TOKEN_BYTES + 4)])
def test_damage_is_told_and_never_a_crash(text: str) -> None:
    with pytest.raises(TokenMismatch):
        TOKENS.open_checkpoint(text)


def test_letters_put_into_a_token_are_damage() -> None:
    text = SEALED["state"]
    with pytest.raises(TokenMismatch):
        TOKENS.open_state(f"{text[:8]}\n{text[8:]}")


def test_a_token_of_another_journal_is_none_of_ours() -> None:
    with pytest.raises(TokenMismatch):
        Tokens([KEY], "other journal").open_state(SEALED["state"])


def test_a_retired_key_opens_and_no_longer_seals() -> None:
    sealed_before = Tokens([OLD_KEY], "journal").seal_state(STATE)
    assert TOKENS.open_state(sealed_before) == STATE
    assert TOKENS.seal_state(STATE) != sealed_before


def test_a_forgotten_key_opens_nothing() -> None:
    with pytest.raises(TokenMismatch):
        Tokens([KEY], "journal").open_state(Tokens([OLD_KEY], "journal").seal_state(STATE))


def test_a_token_can_stand_in_a_url() -> None:
    for text in SEALED.values():
        assert text.replace("-", "").replace("_", "").isalnum()


def test_a_token_gives_no_subject_away() -> None:
    raw = base64.urlsafe_b64decode(SEALED["state"] + "==")
    assert SUBJECT.encode() not in raw


def test_the_same_state_makes_the_same_token() -> None:
    assert TOKENS.seal_state(STATE) == SEALED["state"]


def test_tokens_are_small() -> None:
    one = StateToken(
        epoch="1",
        session_subject=subject_hash(SUBJECT),
        versions=hashed({SUBJECT: 57}),
        floor=Stamp(NOW, 0),
        issued_ms=NOW,
        generation=1,
    )
    assert len(TOKENS.seal_state(one)) <= 72
    assert len(SEALED["write"]) <= 60
    assert len(SEALED["checkpoint"]) <= 350


def test_the_greatest_customer_fits_into_a_token() -> None:
    versions = hashed({f"subject {number}": 2_000_000 for number in range(500)})
    largest = StateToken(
        epoch="1", session_subject=1, versions=versions, floor=Stamp(NOW, 0), issued_ms=NOW
    )
    text = TOKENS.seal_state(largest)
    assert len(text) <= MAX_TOKEN_BYTES
    assert TOKENS.open_state(text).versions == {1: 0, **versions}


def test_a_token_over_the_limit_is_our_fault() -> None:
    versions = dict.fromkeys(range(1_000), 1)
    with pytest.raises(Bug):
        TOKENS.seal_checkpoint(Checkpoint(epoch="1", versions=versions))


def test_positions_of_some_partitions_keep_their_partitions() -> None:
    some = Checkpoint(epoch="1", positions={3: 9, 1: 7})
    assert TOKENS.open_checkpoint(TOKENS.seal_checkpoint(some)) == some


def test_a_session_that_saw_nothing_still_names_its_subject() -> None:
    empty = StateToken(epoch="1", session_subject=9, versions={}, floor=Stamp(0, 0), issued_ms=NOW)
    opened = TOKENS.open_state(TOKENS.seal_state(empty))
    assert (opened.session_subject, opened.versions) == (9, {9: 0})


@pytest.mark.parametrize(("call", "asked"), [("ListJourneys", 7), ("ListEvents", 8)])
def test_a_page_is_turned_by_its_own_call_and_filter_only(call: str, asked: int) -> None:
    with pytest.raises(TokenMismatch):
        TOKENS.open_page(SEALED["page"], call=call, filter=asked)


# --- seen ----------------------------------------------------------------------------------------


def as_seen(
    token: StateToken, *, members: list[str], kind: str = "", name: str = ""
) -> Seen | None:
    opened = TOKENS.open_state(TOKENS.seal_state(token))
    return opened.as_seen(members=members, journey=(kind, name))


def of_journey(kind: str, name: str) -> StateToken:
    return StateToken(
        epoch="1",
        session_subject=subject_hash(SUBJECT),
        versions=hashed({SUBJECT: 57}),
        floor=Stamp(NOW, 2),
        issued_ms=NOW + 5,
        journey=fingerprint(kind, name),
    )


def test_a_state_token_says_what_was_seen() -> None:
    found = as_seen(STATE, members=[SUBJECT, "visitor"], kind="media", name="film")
    assert found == Seen({SUBJECT: 57, "visitor": 3}, NOW + 5, Stamp(NOW, 2))


def test_subjects_outside_the_customer_were_not_seen() -> None:
    found = as_seen(STATE, members=[SUBJECT])
    assert found is not None
    assert found.versions == {SUBJECT: 57}


def test_a_member_that_a_token_does_not_hold_was_seen_at_version_0() -> None:
    found = as_seen(STATE, members=[SUBJECT, "new"])
    assert found is not None
    assert found.versions["new"] == 0


def test_a_token_of_one_journey_is_seen_by_acts_on_it_alone() -> None:
    token = of_journey("media", "film")
    assert as_seen(token, members=[SUBJECT], kind="media", name="film") is not None
    assert as_seen(token, members=[SUBJECT], kind="media", name="other") is None
    assert as_seen(token, members=[SUBJECT]) is None


@pytest.mark.parametrize("kind", ["write", "checkpoint", "page"])
def test_what_was_written_was_not_seen(kind: str) -> None:
    with pytest.raises(TokenMismatch):
        TOKENS.open_state(SEALED[kind])


# --- hashes --------------------------------------------------------------------------------------


def test_members_are_found_by_their_hashes() -> None:
    versions = hashed({SUBJECT: 4})
    assert versions_of(versions, [SUBJECT, "other"]) == {SUBJECT: 4, "other": 0}
    assert holds_only(versions, [SUBJECT, "other"])
    assert not holds_only(versions, ["other"])


def test_fingerprints_tell_parts_apart() -> None:
    different = {fingerprint("a", "b"), fingerprint("ab"), fingerprint("a", "", "b"), fingerprint()}
    assert len(different) == 4
    assert fingerprint() == 0


# --- names ----------------------------------------------------------------------------------------

SIGNED = TOKENS.sign_name("billing/3.5.7/wörker/one")


def test_a_signed_name_can_be_read_and_is_opened() -> None:
    assert SIGNED.endswith("/billing/3.5.7/wörker/one")
    assert TOKENS.signed_name(SIGNED) == "billing/3.5.7/wörker/one"
    old = Tokens([OLD_KEY], "journal").sign_name("billing")
    assert TOKENS.signed_name(old) == "billing"


@pytest.mark.parametrize(
    "text",
    [
        SIGNED.replace("3.5.7", "3.5.8"),
        SIGNED.partition("/")[2],
        Tokens([KEY], "other journal").sign_name("billing"),
        f"ä/{SIGNED}",
        f"a/{SIGNED}",
        SEALED["state"],
        "",
    ],
)
def test_no_other_name_is_opened(text: str) -> None:
    assert TOKENS.signed_name(text) == ""
