import base64
import time

import jwt
import pytest

from journey_client._credentials import Credentials, account_of, life_seconds
from journey_client._error import Unreachable
from journey_client.errors import TokenInvalid


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


async def test_a_credential_is_due_after_three_quarters_of_its_life() -> None:
    now = 1_000.0
    first, second = token(100), token(900)
    credentials = Credentials(provider=Provider(first, second), now_s=lambda: now)
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


async def test_a_provider_that_fails_is_no_answer_and_its_own_refusal_is_told_as_it_is() -> None:
    async def broken() -> str:
        raise OSError("no route to the identity provider")

    async def refusing() -> str:
        raise TokenInvalid

    with pytest.raises(Unreachable, match="no route"):
        await Credentials(provider=broken).current()
    with pytest.raises(TokenInvalid):
        await Credentials(provider=refusing).current()


def test_whose_token_it_is_stands_in_its_claims() -> None:
    claims = base64.urlsafe_b64encode(b'{"sub": "mila"}').decode().rstrip("=")
    assert account_of(f"a.{claims}.c") == "mila"
    assert account_of("a.W10.c") == account_of("opaque") == ""
