"""A SAML identity provider by PyPI pysaml2: whoever is sent to it is Bob.

Takes a folder: `key.pem` and `certificate.pem` are its own; `sp.xml` is the service provider's metadata, read with each
request, so that it can be put there once both know each other. Says `ready URL`, then serves until standard input ends.

    GET /metadata   its metadata
    GET /sso        a signed request in the query; answered with a form that posts the response
"""

import html
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, sigver
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import create_metadata_string
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

FOLDER = Path(sys.argv[1])
OPTIONS = json.loads(sys.argv[2])

# pysaml2 has no setting for what it encrypts with, and would take Triple DES.
if OPTIONS["gcm"]:
    sigver.pre_encryption_part.__kwdefaults__["msg_enc"] = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    sigver.CryptoBackendXmlSec1.encrypt_assertion.__defaults__ = ("aes-256", None, None)


def config(base, with_sp):
    settings = {
        "entityid": f"{base}/metadata",
        "key_file": str(FOLDER / "key.pem"),
        "cert_file": str(FOLDER / "certificate.pem"),
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": [(f"{base}/sso", BINDING_HTTP_REDIRECT)]},
                "want_authn_requests_signed": True,
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}},
            }
        },
    }
    if with_sp:
        settings["metadata"] = {"local": [str(FOLDER / "sp.xml")]}
    return IdPConfig().load(settings)


class Provider(BaseHTTPRequestHandler):
    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        url = urlsplit(self.path)
        if url.path == "/metadata":
            self.answer("application/samlmetadata+xml", create_metadata_string(None, config(base, False), valid=24).decode())
        elif url.path == "/sso":
            self.sign_on(base, {name: values[0] for name, values in parse_qs(url.query).items()})
        else:
            self.send_error(404)

    def sign_on(self, base, query):
        server = Server(config=config(base, True))
        request = server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query.get("RelayState"),
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        asked = server.response_args(request.message, [BINDING_HTTP_POST])
        response = server.create_authn_response(
            {"mail": ["bob@acme.example"], "displayName": ["Bob Becker"], "uid": ["bob-1"]},
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="bob-1"),
            in_response_to=asked["in_response_to"],
            destination=asked["destination"],
            sp_entity_id=asked["sp_entity_id"],
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT},
            sign_response=OPTIONS["sign_response"],
            sign_assertion=OPTIONS["sign_assertion"],
            encrypt_assertion=OPTIONS["encrypt"],
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        form = server.apply_binding(
            BINDING_HTTP_POST, str(response), asked["destination"], query.get("RelayState"), response=True
        )
        self.answer("text/html; charset=utf-8", form["data"] if isinstance(form["data"], str) else html.escape(repr(form)))

    def answer(self, kind, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"ready http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
