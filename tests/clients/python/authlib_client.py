"""Signs in at a Doorward with Authlib and validates the tokens as a downstream service would. See ../README.md."""

import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

from walk_sign_in import TIMEOUT_SECONDS, walk_sign_in

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def main():
    settings = json.loads(sys.argv[1])
    issuer = urlsplit(settings["issuer"])
    if issuer.scheme == "http" and issuer.hostname in LOOPBACK:
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    metadata = discover(settings["issuer"])
    keys = KeySet.import_key_set(fetch(metadata["jwks_uri"]))
    token, nonce, response_keys = sign_in(metadata, settings)
    result = {
        "id_token_claims": validate_id_token(token, nonce, keys, metadata, settings),
        "access_token_claims": validate_access_token(token["access_token"], keys, metadata, settings),
        "token_response_keys": response_keys,
    }
    print(json.dumps(result))


def fetch(url):
    response = requests.get(url, timeout=TIMEOUT_SECONDS)
    response.raise_for_status()
    return response.json()


def discover(issuer):
    metadata = OpenIDProviderMetadata(fetch(get_well_known_url(issuer, external=True)))
    if metadata.get("issuer") != issuer:
        raise ValueError(f"discovery names the issuer {metadata.get('issuer')} (OpenID Connect Discovery §4.3)")
    metadata.validate()
    return metadata


def sign_in(metadata, settings):
    """The authorization code flow with PKCE; the library compares `state`, this function `iss` (RFC 9207 §2.4)."""
    session = OAuth2Session(
        client_id=settings["client_id"],
        client_secret=settings.get("client_secret"),
        token_endpoint_auth_method=settings.get("token_endpoint_auth_method"),
        scope=settings["scope"],
        redirect_uri=settings["redirect_uri"],
        code_challenge_method="S256",
        default_timeout=TIMEOUT_SECONDS,
    )
    verifier, nonce = generate_token(48), generate_token(32)
    extra = {name: settings[name] for name in ("organization", "resource") if settings.get(name)}
    start, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **extra
    )
    callback = walk_sign_in(start, settings["redirect_uri"], settings["email"], settings["password"])
    named = parse_qs(urlsplit(callback).query).get("iss")
    if named != [metadata["issuer"]]:
        raise ValueError(f"the authorization response names the issuer {named}")
    extra.pop("organization", None)
    response_keys = []  # As received: the library adds some of its own to the token.
    session.register_compliance_hook("access_token_response", lambda response: response_keys.extend(response.json()) or response)
    token = session.fetch_token(
        metadata["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier, **extra
    )
    return token, nonce, response_keys


def validate_id_token(token, nonce, keys, metadata, settings):
    algorithm = settings.get("id_token_signed_response_alg") or "RS256"
    decoded = jwt.decode(token["id_token"], keys, algorithms=[algorithm])
    options = {
        "iss": {"essential": True, "value": metadata["issuer"]},
        "aud": {"essential": True, "value": settings["client_id"]},
        "nonce": {"essential": True, "value": nonce},
        "at_hash": {"essential": True},
    }
    expected = {"nonce": nonce, "client_id": settings["client_id"], "access_token": token["access_token"]}
    claims = CodeIDToken(decoded.claims, decoded.header, options, expected)
    claims.validate()
    return dict(claims)


def validate_access_token(access_token, keys, metadata, settings):
    """What RFC 9068 §4 asks of a resource server that knows only the issuer's published keys."""
    decoded = jwt.decode(access_token, keys, algorithms=["ES256"])
    if decoded.header.get("typ") != "at+jwt":
        raise ValueError(f"the access token is of type {decoded.header.get('typ')}")
    options = {
        "iss": {"essential": True, "value": metadata["issuer"]},
        "aud": {"essential": True, "value": settings.get("resource") or settings["client_id"]},
        "client_id": {"essential": True, "value": settings["client_id"]},
        **{name: {"essential": True} for name in ("exp", "iat", "sub", "jti")},
    }
    claims = JWTAccessTokenClaims(decoded.claims, decoded.header, options)
    claims.validate()
    return dict(claims)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # A script's edge: whatever went wrong is one line for the test to show.
        sys.exit(f"{type(error).__name__}: {error}")
