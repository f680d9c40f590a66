import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from journey.v1.access_pb2 import ROLE_DEVICE, ROLE_SERVICE, ROLE_STAFF
from journey_service.domain.errors import (
    CredentialError,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from journey_service.domain.identity import Principal, subject_id_of_account
from journey_service.settings import Settings
from journey_service.transport.auth import Authenticator, is_local
from journey_service.transport.issuers import (
    Issuer,
    IssuersError,
    by_name,
    development_issuer,
    load_issuers,
    visitor_issuer,
)
from journey_service.transport.mint import Mint

SECRET = b"s" * 32
IDENTITY_KEY = b"i" * 32
NOW_S = 1_800_000_000
SETTINGS = Settings()


def here() -> bool:
    return True


def elsewhere() -> bool:
    return False


def authenticator(*issuers: Issuer, now_s: Callable[[], float] = lambda: NOW_S) -> Authenticator:
    trusted = issuers or (development_issuer("dev", SECRET),)
    return Authenticator(trusted, SETTINGS, identity_key=IDENTITY_KEY, now_s=now_s)


def mint(role: str = "device", subject: str = "alice", life_s: int = 900, **claims: str) -> str:
    return Mint(SECRET, "dev", "journey").token(role, subject, life_s=life_s, now_s=NOW_S, **claims)


def signed(
    header: dict[str, Any] | None = None,
    key: Any = SECRET,
    algorithm: str = "HS256",
    **changes: Any,
) -> str:
    claims: dict[str, Any] = {
        "iss": "dev", "aud": "journey", "sub": "alice", "role": "device",
        "iat": NOW_S, "exp": NOW_S + 900,
    }  # fmt: skip
    claims |= changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers=header)


def refused(token: str, *issuers: Issuer) -> str:
    with pytest.raises(TokenInvalid) as raised:
        authenticator(*issuers).principal(f"Bearer {token}", here)
    return str(raised.value)


def test_a_visitors_credential_is_of_its_own_issuer_and_of_no_other() -> None:
    key = b"v" * 32
    issuers = (development_issuer("dev", SECRET), visitor_issuer("visitors", key))
    trusting = authenticator(*issuers)
    ends_ms = (NOW_S + 900) * 1_000
    told = Principal(ROLE_DEVICE, "v7", "v7", ends_ms, installation_id="phone", epoch=2)
    credential = Mint(key, "visitors", "journey").visitor_token(told, NOW_S * 1_000)
    known = trusting.principal(f"Bearer {credential}", elsewhere)
    assert (known.subject_id, known.installation_id, known.epoch) == ("v7", "phone", 2)
    assert known.anonymous
    assert not trusting.principal(f"Bearer {signed(epoch='2')}", here).anonymous
    for other in (signed(iss="visitors", epoch="2"), signed(key=key, epoch="2")):
        assert "Signature" in refused(other, *issuers)
    of_others = signed(key=key, iss="visitors", epoch="2", aud="another")
    assert "udience" in refused(of_others, *issuers)


def test_a_device_token_is_of_the_subject_computed_from_its_account() -> None:
    principal = authenticator().principal(f"Bearer {mint()}", here)
    assert principal.role == ROLE_DEVICE
    assert principal.id == "alice"
    assert principal.subject_id == subject_id_of_account(IDENTITY_KEY, "alice")
    assert principal.expires_at_ms == (NOW_S + 900) * 1_000


def test_an_imported_customer_keeps_the_subject_that_the_token_names() -> None:
    principal = authenticator().principal(f"Bearer {mint(subject_id='user-17')}", here)
    assert principal.subject_id == "user-17"


def test_a_staff_token_is_of_the_open_case() -> None:
    principal = authenticator().principal(f"Bearer {mint('staff', 'clerk', case='c1')}", here)
    assert (principal.role, principal.id, principal.subject_id) == (ROLE_STAFF, "clerk", "c1")


def test_a_service_token_has_scopes_and_no_subject() -> None:
    token = Mint(SECRET, "dev", "journey").token(
        "service", "orders", scopes=("b", "a"), now_s=NOW_S, subject_id="x"
    )
    principal = authenticator().principal(f"Bearer {token}", here)
    assert principal.role == ROLE_SERVICE
    assert principal.scopes == {"a", "b"}
    assert principal.subject_id == ""


@pytest.mark.parametrize("authorization", [None, ""])
def test_a_call_without_credential_is_told_so(authorization: str | None) -> None:
    with pytest.raises(TokenMissing):
        authenticator().principal(authorization, here)


@pytest.mark.parametrize("scheme", ["Basic ", "bearer ", "Bearer", ""])
def test_only_bearer_tokens_are_taken(scheme: str) -> None:
    with pytest.raises(TokenInvalid, match="Bearer TOKEN"):
        authenticator().principal(scheme + mint(), here)


def test_a_token_over_its_size_is_not_even_read() -> None:
    with pytest.raises(TokenInvalid, match="longer than 8192"):
        authenticator().principal("Bearer " + "x" * 8_193, here)


def test_a_development_token_is_refused_from_elsewhere_also_when_it_is_known() -> None:
    checked, token = authenticator(), f"Bearer {mint()}"
    checked.principal(token, here)
    with pytest.raises(TokenInvalid, match="this machine"):
        checked.principal(token, elsewhere)


@pytest.mark.parametrize(
    ("peer", "local"),
    [
        ("ipv4:127.0.0.1:5000", True),
        ("ipv4:127.8.9.1:5000", True),
        ("ipv6:%5B::1%5D:5000", True),
        ("unix:/run/journey.sock", True),
        ("unix:", True),
        ("ipv4:10.0.0.1:5000", False),
        ("ipv4:1.127.0.0:5000", False),
        ("ipv6:%5B2001:db8::1%5D:5000", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(peer: str, local: bool) -> None:
    assert is_local(peer) is local


@pytest.mark.parametrize("claim", ["iss", "aud", "iat", "exp", "sub", "role"])
def test_no_claim_may_be_missing(claim: str) -> None:
    missing: dict[str, Any] = {claim: None}
    refused(signed(**missing))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "other"}, "issuer is not trusted"),
        ({"aud": "elsewhere"}, "Audience"),
        ({"role": "root"}, "role is none of device"),
        ({"role": ["device"]}, "role is no id"),
        ({"sub": "two words"}, "sub is no id"),
        ({"sub": "x" * 129}, "sub is no id"),
        ({"sub": ""}, "sub is empty"),
        ({"iat": NOW_S + 31}, "not yet valid"),
        ({"nbf": NOW_S + 31}, "not yet valid"),
        ({"exp": NOW_S + 901}, "lives longer than 900 s"),
        ({"exp": NOW_S + 10, "iat": NOW_S - 900}, "lives longer than 900 s"),
    ],
)
def test_a_claim_that_breaks_its_rule_is_named(changes: dict[str, Any], said: str) -> None:
    assert said in refused(signed(**changes))


def test_a_service_token_may_live_an_hour_and_no_second_more() -> None:
    authenticator().principal(f"Bearer {signed(role='service', exp=NOW_S + 3_600)}", here)
    refused(signed(role="service", exp=NOW_S + 3_601))


def test_clocks_of_issuers_may_be_off_by_the_leeway() -> None:
    authenticator().principal(f"Bearer {signed(iat=NOW_S - 900, exp=NOW_S - 29)}", here)
    with pytest.raises(TokenExpired):
        authenticator().principal(f"Bearer {signed(iat=NOW_S - 900, exp=NOW_S - 31)}", here)


def test_a_remembered_token_still_ends() -> None:
    time_s = [float(NOW_S)]
    checked = authenticator(now_s=lambda: time_s[0])
    token = f"Bearer {mint()}"
    assert checked.principal(token, here) is checked.principal(token, here)
    time_s[0] = NOW_S + 900 + 31
    with pytest.raises(TokenExpired):
        checked.principal(token, here)


def test_what_is_remembered_is_bounded_and_no_token_is_kept() -> None:
    settings = Settings(token_cache_entries=8)
    checked = Authenticator(
        [development_issuer("dev", SECRET)], settings, identity_key=b"", now_s=lambda: NOW_S
    )
    tokens = [mint(subject=f"user{number}") for number in range(50)]
    for token in tokens:
        checked.principal(f"Bearer {token}", here)
    assert len(checked._remembered) <= 8
    assert not set(tokens) & {str(key) for key in checked._remembered}


def test_a_token_signed_with_another_secret_is_refused() -> None:
    assert "Signature" in refused(signed(key=b"t" * 32))


def test_an_unsigned_token_is_refused() -> None:
    refused(signed(key="", algorithm="none"))


def test_critical_extensions_are_refused_whatever_they_are() -> None:
    headers: list[dict[str, Any]] = [{"crit": ["b64"], "b64": True}, {"crit": []}, {"crit": 1}]
    for header in headers:
        token = forged({"alg": "HS256", "typ": "JWT"} | header, {"iss": "dev"}, SECRET)
        assert "crit" in refused(token)


def test_an_issuer_is_a_text() -> None:
    token = forged({"alg": "HS256", "typ": "JWT"}, {"iss": ["dev"]}, SECRET)
    assert "issuer" in refused(token).lower()


@pytest.mark.parametrize("type_", ["", "JWE", None])
def test_a_token_says_that_it_is_one(type_: str | None) -> None:
    assert "typ" in refused(signed({"typ": type_}))


def test_the_type_of_oauth_access_tokens_is_taken() -> None:
    authenticator().principal(f"Bearer {signed({'typ': 'at+jwt'})}", here)


KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def jwk(algorithm: str, key: Any, key_id: str) -> dict[str, Any]:
    signer = jwt.get_algorithm_by_name(algorithm)
    found: dict[str, Any] = json.loads(signer.to_jwk(key.public_key()))
    return found | {"kid": key_id}


def issuers_file(folder: Path, algorithm: str, *keys: dict[str, Any]) -> Path:
    (folder / "keys.json").write_text(json.dumps({"keys": keys}))
    (folder / "issuers.toml").write_text(
        f'[[issuer]]\nname = "login"\nalgorithm = "{algorithm}"\nkey_set = "keys.json"\n'
    )
    return folder / "issuers.toml"


@pytest.mark.parametrize("algorithm", KEYS)
def test_an_issuer_with_a_key_set_is_trusted_from_everywhere(
    algorithm: str, tmp_path: Path
) -> None:
    key = KEYS[algorithm]
    issuers = load_issuers(issuers_file(tmp_path, algorithm, jwk(algorithm, key, "k1")))
    token = signed({"kid": "k1"}, key, algorithm, iss="login")
    principal = authenticator(*issuers).principal(f"Bearer {token}", elsewhere)
    assert principal.id == "alice"


def test_a_key_that_the_set_does_not_hold_is_refused(tmp_path: Path) -> None:
    keys = [jwk("ES256", KEYS["ES256"], name) for name in ("k1", "k2")]
    issuers = load_issuers(issuers_file(tmp_path, "ES256", *keys))
    for key_id in ("k3", None):
        token = signed({"kid": key_id} if key_id else None, KEYS["ES256"], "ES256", iss="login")
        assert "the key is unknown" in refused(token, *issuers)


def test_the_public_key_of_an_issuer_is_no_shared_secret(tmp_path: Path) -> None:
    # The classic confusion: sign with HMAC, and the published key as its secret.
    issuers = load_issuers(issuers_file(tmp_path, "RS256", jwk("RS256", KEYS["RS256"], "k1")))
    public = (
        KEYS["RS256"].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    token = forged({"alg": "HS256", "typ": "JWT", "kid": "k1"}, {"iss": "login"}, public)
    assert "alg" in refused(token, *issuers)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[issuer]]"),
        ("[[issuer]]\n", "name, algorithm and key_set"),
        ('[[issuer]]\nname="x"\nalgorithm="HS256"\nkey_set="k"', "none of ES256"),
        ('[[issuer]]\nname="x"\nalgorithm="ES256"\nkey_set="missing"', "no JWK set"),
        ("not toml", "issuers.toml"),
    ],
)
def test_a_file_of_issuers_that_cannot_be_used_says_why(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "issuers.toml"
    path.write_text(text)
    with pytest.raises(IssuersError) as raised:
        load_issuers(path)
    assert said in str(raised.value)


def test_short_rsa_keys_are_not_loaded(tmp_path: Path) -> None:
    short = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)  # noqa: S505  that is the point
    with pytest.raises(IssuersError, match="shorter than 2048"):
        load_issuers(issuers_file(tmp_path, "RS256", jwk("RS256", short, "k1")))


def test_two_issuers_may_not_share_a_name_and_secrets_may_not_be_short() -> None:
    with pytest.raises(IssuersError, match="two issuers dev"):
        by_name([development_issuer("dev", SECRET), development_issuer("dev", b"x" * 32)])
    with pytest.raises(IssuersError, match="not 32"):
        development_issuer("dev", b"short")


def test_a_mint_knows_its_roles() -> None:
    with pytest.raises(ValueError, match="none of device"):
        Mint(SECRET, "dev", "journey").token("root", "x")


def forged(header: dict[str, Any], changes: dict[str, Any], secret: bytes) -> str:
    """A token that the library would not make."""
    claims = {"aud": "journey", "sub": "alice", "role": "device", "iat": NOW_S, "exp": NOW_S + 9}
    text = f"{part(header)}.{part(claims | changes)}"
    digest = hmac.digest(secret, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(
    st.one_of(
        st.text(max_size=300),
        st.tuples(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40)).map(".".join),
        st.recursive(
            st.none() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ).map(lambda value: f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(value)}.AAAA"),
    )
)  # fmt: skip
def test_whatever_is_sent_as_a_token_is_refused_as_a_credential(token: str) -> None:
    with pytest.raises(CredentialError):
        authenticator().principal(f"Bearer {token}", here)


@given(
    st.dictionaries(
        st.sampled_from(["aud", "sub", "role", "exp", "iat", "nbf", "jti", "scope", "case"]),
        st.sampled_from([10**400, float("inf"), -1, None, [], {}, True, "x y", "\0", "case"]),
        min_size=1,
    )
)
def test_signed_claims_of_any_kind_give_a_principal_or_a_refusal(claims: dict[str, Any]) -> None:
    token = forged({"alg": "HS256", "typ": "JWT"}, {"iss": "dev"} | claims, SECRET)
    with contextlib.suppress(CredentialError):
        principal = authenticator().principal(f"Bearer {token}", here)
        assert principal.expires_at_ms <= (NOW_S + 900) * 1_000
