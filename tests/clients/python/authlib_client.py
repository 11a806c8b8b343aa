"""Signs in at a Doorward with Authlib and validates the tokens as a downstream service would. See ../README.md."""

import json
import os
import sys
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
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
    cookies = {}
    token, nonce, response_keys = sign_in(metadata, settings, cookies)
    result = {
        "id_token_claims": validate_id_token(token, nonce, keys, metadata, settings),
        "access_token_claims": validate_access_token(token["access_token"], keys, metadata, settings),
        "token_response_keys": response_keys,
    }
    if settings.get("post_logout_redirect_uri"):
        result["life"] = live_on(token, keys, metadata, settings, cookies)
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


def client_session(settings, **more):
    return OAuth2Session(
        client_id=settings["client_id"],
        client_secret=settings.get("client_secret"),
        token_endpoint_auth_method=settings.get("token_endpoint_auth_method"),
        default_timeout=TIMEOUT_SECONDS,
        **more,
    )


def sign_in(metadata, settings, cookies):
    """The authorization code flow with PKCE; the library compares `state`, this function `iss` (RFC 9207 §2.4)."""
    session = client_session(
        settings, scope=settings["scope"], redirect_uri=settings["redirect_uri"], code_challenge_method="S256"
    )
    verifier, nonce = generate_token(48), generate_token(32)
    extra = {name: settings[name] for name in ("organization", "resource") if settings.get(name)}
    start, state = session.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **extra
    )
    callback = walk_sign_in(start, settings["redirect_uri"], settings["email"], settings["password"], cookies)
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


def live_on(token, keys, metadata, settings, cookies):
    """What comes after the first token: userinfo, refresh, introspection, a token of the application's own, revocation and sign-out."""
    endpoint = metadata["token_endpoint"]
    session = client_session(settings, token=token)

    def introspect(text):
        response = client_session(settings).introspect_token(metadata["introspection_endpoint"], token=text)
        response.raise_for_status()
        return response.json()

    def revoke(text, hint=None):
        response = client_session(settings).revoke_token(metadata["revocation_endpoint"], token=text, token_type_hint=hint)
        response.raise_for_status()

    def refused(text):
        try:
            client_session(settings).refresh_token(endpoint, refresh_token=text)
        except OAuthError as error:
            return error.error
        return "accepted"

    life = {"userinfo": session.get(metadata["userinfo_endpoint"]).json()}
    refreshed = dict(session.refresh_token(endpoint, refresh_token=token["refresh_token"]))
    life["refreshed_access_token_claims"] = validate_access_token(refreshed["access_token"], keys, metadata, settings)
    life["refreshed_id_token_claims"] = validate_id_token(refreshed, None, keys, metadata, settings)
    life["is_rotated"] = refreshed["refresh_token"] != token["refresh_token"]
    life["introspection"] = introspect(refreshed["access_token"])
    life["refresh_token_introspection"] = introspect(refreshed["refresh_token"])

    own = client_session(settings).fetch_token(endpoint, grant_type="client_credentials")
    life["own_access_token_claims"] = validate_access_token(own["access_token"], keys, metadata, settings)
    revoke(own["access_token"])
    life["own_after_revocation"] = introspect(own["access_token"])

    another, _, _ = sign_in(metadata, settings, cookies)
    revoke(another["refresh_token"], "refresh_token")
    life["family_after_revocation"] = introspect(another["access_token"])
    life["refresh_after_revocation"] = refused(another["refresh_token"])

    destination = settings["post_logout_redirect_uri"]
    asked = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": destination, "state": "good bye"}
    end = f"{metadata['end_session_endpoint']}?{urlencode(asked)}"
    life["signed_out_at"] = walk_sign_in(end, destination, None, None, cookies)
    life["after_sign_out"] = introspect(refreshed["access_token"])
    life["refresh_after_sign_out"] = refused(refreshed["refresh_token"])
    bearer = {"Authorization": f"Bearer {refreshed['access_token']}"}
    after = requests.get(metadata["userinfo_endpoint"], headers=bearer, timeout=TIMEOUT_SECONDS)
    life["userinfo_after_sign_out"] = after.status_code
    return life


def validate_id_token(token, nonce, keys, metadata, settings):
    algorithm = settings.get("id_token_signed_response_alg") or "RS256"
    decoded = jwt.decode(token["id_token"], keys, algorithms=[algorithm])
    options = {
        "iss": {"essential": True, "value": metadata["issuer"]},
        "aud": {"essential": True, "value": settings["client_id"]},
        "at_hash": {"essential": True},
    }
    expected = {"client_id": settings["client_id"], "access_token": token["access_token"]}
    if nonce:  # A refresh has none (OpenID Connect Core §12.2).
        options["nonce"] = {"essential": True, "value": nonce}
        expected["nonce"] = nonce
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
