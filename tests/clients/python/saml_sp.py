"""A SAML service provider by PyPI pysaml2: what Doorward lets people into. See ../README.md.

Says `ready` and a line of JSON about itself, then serves until standard input ends.
"""

import argparse
import html
import json
import sys
import tempfile
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.samlp import logout_request_from_string, logout_response_from_string
from saml2.sigver import verify_redirect_signature
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

parser = argparse.ArgumentParser()
for flag in ["signed", "encrypted", "post", "unsolicited"]:
    parser.add_argument(f"--{flag}", action="store_true")
ASKED = parser.parse_args()
HELD = tempfile.TemporaryDirectory(prefix="doorward-saml-sp.")
FOLDER = Path(HELD.name)


def new_pair(name):
    """A key and its certificate, as files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pysaml2")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(called, called, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=2))
    pem = serialization.Encoding.PEM
    files = {"key_file": FOLDER / f"{name}.key", "cert_file": FOLDER / f"{name}.pem"}
    files["key_file"].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    )
    files["cert_file"].write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(pem))
    return {use: str(file) for use, file in files.items()}


def settings(base):
    service = {
        "endpoints": {
            "assertion_consumer_service": [(f"{base}/acs", BINDING_HTTP_POST)],
            "single_logout_service": [(f"{base}/slo", BINDING_HTTP_REDIRECT)],
        },
        "authn_requests_signed": ASKED.signed,
        "logout_requests_signed": ASKED.signed,
        "logout_responses_signed": ASKED.signed,
        # One of the two will do.
        "want_response_signed": False,
        "want_assertions_or_response_signed": True,
        "allow_unsolicited": ASKED.unsolicited,
    }
    all_of_it = {"entityid": f"{base}/metadata", "service": {"sp": service}, "allow_unknown_attributes": True}
    if ASKED.signed:
        all_of_it |= new_pair("signing")
    if ASKED.encrypted:
        all_of_it["encryption_keypairs"] = [new_pair("encryption")]
    return all_of_it


class Refused(Exception):
    """What the library refuses without an exception of its own."""


class Application:
    """What there is to know: the provider, what was asked of it, and who is in."""

    def __init__(self, base):
        self.settings = settings(base)
        self.client = None
        self.provider = None
        self.outstanding = {}
        self.session = None

    def metadata(self):
        return create_metadata_string(None, SPConfig().load(dict(self.settings)), valid=24).decode()

    def configure(self, metadata):
        self.client = Saml2Client(config=SPConfig().load(self.settings | {"metadata": {"inline": [metadata]}}))
        [self.provider] = self.client.metadata.identity_providers()

    def request(self, query):
        asked = {"force_authn": "true"} if query.get("force_authn") == "1" else {}
        if query.get("passive") == "1":
            asked["is_passive"] = "true"
        relay_state = query.get("relay_state", "")
        number, http = self.client.prepare_for_authenticate(
            self.provider,
            relay_state=relay_state,
            binding=BINDING_HTTP_POST if ASKED.post else BINDING_HTTP_REDIRECT,
            sigalg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **asked,
        )
        self.outstanding[number] = relay_state
        return http

    def consume(self, form):
        response = self.client.parse_authn_request_response(form.get("SAMLResponse"), BINDING_HTTP_POST, self.outstanding)
        if response is None or response.assertion is None:
            raise Refused("no assertion")
        self.outstanding.pop(response.in_response_to, None)
        self.session = response.name_id
        told = response.assertion.attribute_statement
        attributes = {one.name: [value.text for value in one.attribute_value] for said in told for one in said.attribute}
        return {
            "name_id": response.name_id.text,
            "name_id_format": response.name_id.format,
            "session_index": response.session_info().get("session_index"),
            "attributes": attributes,
            "relay_state": form.get("RelayState"),
            "in_response_to": response.in_response_to,
        }

    def log_out(self):
        if self.session is None:
            raise Refused("nobody is signed in")
        [(_, http)] = self.client.global_logout(self.session, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256).values()
        return location(http)

    def verify(self, query, message):
        """The library looks at a query's signature if it is asked to."""
        certificates = [found for _, found in self.client.metadata.certs(message.issuer.text, "idpsso", "signing")]
        signed = {name: query[name] for name in ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"] if name in query}
        if "Signature" not in signed or "SigAlg" not in signed:
            raise Refused("not signed")
        if not any(verify_redirect_signature(signed, self.client.sec.sec_backend, found) for found in certificates):
            raise Refused("the signature is wrong")

    def hear(self, query):
        """A message about logging out: where to go on, or nowhere."""
        if "SAMLResponse" in query:
            text = self.client.unravel(query["SAMLResponse"], BINDING_HTTP_REDIRECT)
            self.verify(query, logout_response_from_string(text))
            response = self.client.parse_logout_request_response(query["SAMLResponse"], BINDING_HTTP_REDIRECT)
            self.client.handle_logout_response(response)
            self.session = None
            return None
        text = self.client.unravel(query["SAMLRequest"], BINDING_HTTP_REDIRECT, "request")
        self.verify(query, logout_request_from_string(text))
        http = self.client.handle_logout_request(
            query["SAMLRequest"],
            self.session,
            BINDING_HTTP_REDIRECT,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            relay_state=query.get("RelayState"),
        )
        if self.session and not self.client.is_logged_in(self.session):
            self.session = None
        return location(http)


def location(http):
    return dict(http["headers"])["Location"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            if url.path == "/login":
                http = APPLICATION.request(query)
                return self.page(200, http["data"]) if ASKED.post else self.leave(location(http))
            if url.path == "/logout":
                return self.leave(APPLICATION.log_out())
            if url.path == "/slo":
                further = APPLICATION.hear(query)
                return self.leave(further) if further else self.show(200, {"logged_out": True})
        except Exception as refused:  # noqa: BLE001: whatever the library has against it
            return self.show(403, {"error": f"{type(refused).__name__}: {refused}"})
        self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            if self.path == "/configure":
                APPLICATION.configure(body)
                self.send_response(204)
                return self.end_headers()
            if self.path == "/acs":
                form = {name: values[0] for name, values in parse_qs(body).items()}
                return self.show(200, APPLICATION.consume(form))
        except Exception as refused:  # noqa: BLE001: whatever the library has against it
            return self.show(403, {"error": f"{type(refused).__name__}: {refused}"})
        self.send_error(404)

    def show(self, status, result):
        heading = "A service provider" if status == 200 else "Refused"
        shown = html.escape(json.dumps(result))
        self.page(status, f'<!DOCTYPE html><title>pysaml2</title><h1>{heading}</h1><pre id="result">{shown}</pre>')

    def page(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def leave(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
BASE = f"http://127.0.0.1:{server.server_port}"
APPLICATION = Application(BASE)
threading.Thread(target=server.serve_forever, daemon=True).start()
TOLD = {"url": BASE, "entity_id": f"{BASE}/metadata", "acs": f"{BASE}/acs", "slo": f"{BASE}/slo", "metadata": APPLICATION.metadata()}
print(f"ready {json.dumps(TOLD)}", flush=True)
sys.stdin.read()
