"""A real mail server (aiosmtpd) on loopback: STARTTLS or TLS, a password, letters as files.

    python3 server.py MODE CERTIFICATE KEY FOLDER      MODE: starttls | tls | no-starttls

Prints its port. Takes letters only from nightdesk / pw-7 and only for dave@metro.example.
"""

import asyncio
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


class Letters:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address != "dave@metro.example":
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        (self.folder / f"{self.count}.eml").write_bytes(envelope.content)
        return "250 taken"


def sign_in(server, session, envelope, mechanism, data):
    right = data.login == b"nightdesk" and data.password == b"pw-7"
    return AuthResult(success=right, handled=False)  # the server says 535 itself


def main():
    mode, certificate, key, folder = sys.argv[1:5]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    common = dict(authenticator=sign_in, auth_required=True)
    if mode == "starttls":
        common.update(require_starttls=True, tls_context=tls)
    else:
        common.update(auth_require_tls=False)

    async def serve():
        loop = asyncio.get_running_loop()
        letters = Letters(folder)
        outer = tls if mode == "tls" else None
        server = await loop.create_server(lambda: SMTP(letters, **common), "127.0.0.1", 0, ssl=outer)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(serve())


main()
