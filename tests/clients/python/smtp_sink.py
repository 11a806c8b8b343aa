"""A mail server for tests: PyPI's aiosmtpd, which puts what it takes into a folder.

    smtp_sink.py '{"folder": "/tmp/…", "port": 0, "tls": "plain" | "starttls" | "implicit", "login": ["user", "password"] | null}'

Says `ready PORT`, and ends with its standard input. In the folder: `ca.pem`, which signed its certificate;
`N.eml`, the letters as they came; `N.json`, each one's envelope. If there is a file `answer` in it, each letter is
answered with what stands there, and not taken.
"""

import asyncio
import datetime
import ipaddress
import json
import pathlib
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(subject, issuer, key, signer, authority):
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def tls(folder):
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    signed_by = certificate("a test's authority", "a test's authority", authority, authority, True)
    (folder / "ca.pem").write_bytes(signed_by.public_bytes(pem))
    shown = certificate("localhost", "a test's authority", own, authority, False).public_bytes(pem)
    secret = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "own.pem").write_bytes(shown + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context


class Folder:
    """Takes letters, unless told to answer something else."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_DATA(self, server, session, envelope):
        unwilling = self.folder / "answer"
        if unwilling.exists():
            return unwilling.read_text().strip()
        self.count += 1
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "greeted_as": session.host_name,
            "tls": session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            "authenticated": bool(session.authenticated),
        }
        (self.folder / f"{self.count}.json").write_text(json.dumps(told))
        unready = self.folder / f"{self.count}.part"
        unready.write_bytes(envelope.original_content)
        unready.rename(self.folder / f"{self.count}.eml")
        return "250 OK"


async def main(settings):
    folder = pathlib.Path(settings["folder"])
    options, listening = {}, {}
    if settings["tls"] == "starttls":
        options = {"tls_context": tls(folder), "require_starttls": True}
    if settings["tls"] == "implicit":
        listening = {"ssl": tls(folder)}
    if settings.get("login"):
        user, password = settings["login"]

        def authenticate(server, session, envelope, mechanism, sent):
            known = (sent.login, sent.password) == (user.encode(), password.encode())
            return AuthResult(success=known, handled=False)

        options |= {"auth_required": True, "authenticator": authenticate, "auth_require_tls": settings["tls"] == "starttls"}
    handler = Folder(folder)
    loop = asyncio.get_running_loop()
    sink = lambda: SMTP(handler, hostname="sink.example", enable_SMTPUTF8=True, loop=loop, **options)
    server = await loop.create_server(sink, "127.0.0.1", settings.get("port", 0), **listening)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()

    def listen():
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=listen, daemon=True).start()
    await over.wait()


asyncio.run(main(json.loads(sys.argv[1])))
