import time

import jwt
import pytest

from journey_client._credentials import Credentials, life_seconds


def token(life_s: float, *, age_s: float = 0) -> str:
    issued = time.time() - age_s
    return jwt.encode({"iat": issued, "exp": issued + life_s}, "k" * 32, algorithm="HS256")


class Provider:
    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)
        self.asked = 0

    async def __call__(self) -> str:
        self.asked += 1
        return self.tokens.pop(0)


async def test_a_credential_is_asked_for_once_and_kept() -> None:
    provider = Provider(token(900))
    credentials = Credentials(provider=provider)
    assert await credentials.current() == await credentials.current()
    assert provider.asked == 1
    assert not credentials.due


async def test_a_credential_is_due_after_three_quarters_of_its_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000.0
    monkeypatch.setattr("journey_client._credentials.time.monotonic", lambda: now)
    first, second = token(100), token(900)
    credentials = Credentials(provider=Provider(first, second))
    assert await credentials.current() == first
    now += 74
    assert await credentials.current() == first
    now += 2
    assert await credentials.current() == second


async def test_a_fixed_token_stays() -> None:
    credentials = Credentials("fixed")
    assert await credentials.renew() == await credentials.current() == "fixed"


def test_the_life_of_a_token_is_read_from_its_claims() -> None:
    assert 899 < life_seconds(token(900)) <= 900
    assert 299 < life_seconds(token(900, age_s=600)) <= 300


@pytest.mark.parametrize("text", ["", "opaque", "a.b.c", "a.e30.c"])
def test_a_token_that_does_not_say_is_not_renewed_by_itself(text: str) -> None:
    assert life_seconds(text) == float("inf")
