"""The one way this program speaks TLS: verified, 1.2 or newer, with the system's roots and Mozilla's.

No pinning: the exchange's edge certificates rotate. No switch turns the checks off, and the session keys are never
written down, whatever SSLKEYLOGFILE says.
"""

from __future__ import annotations

import socket
import ssl
from functools import cache

import certifi

NOT_YET_VALID, EXPIRED = 9, 10
UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
OTHER_HOST = frozenset({62, 64})
"""Why a certificate failed, as OpenSSL counts (x509_vfy.h)."""


@cache
def client_context() -> ssl.SSLContext:
    """Return the one context, which accepts a server only with a valid certificate for the host asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    # The bundled library looks for roots where the system it was built on keeps them.
    context.load_verify_locations(certifi.where())
    return context


@cache
def rootless_context() -> ssl.SSLContext:
    """Return a context that accepts no server at all, for clients that speak to this computer, without TLS.

    Reading the roots takes a twentieth of a second.
    """
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def why_not_connected(error: BaseException) -> str:
    """Return in words why no connection came about; libraries hide the reason in what caused their error."""
    root: BaseException | None = error
    while root is not None and not isinstance(root, OSError):
        root = root.__cause__ or root.__context__
    match root:
        case ssl.SSLCertVerificationError():
            return _about_certificate(root)
        case ssl.SSLError():
            return f"what answers does not speak TLS as it must ({root.reason or 'no reason given'})"
        case socket.gaierror():
            return f"the name of the server is not known here ({root.strerror})"
        case OSError():
            return root.strerror or type(root).__name__
        case _:
            return type(error).__name__


def _about_certificate(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in UNKNOWN_ISSUER:
        return "the certificate comes from nobody this computer trusts; a captive portal or a proxy may be listening"
    if error.verify_code in OTHER_HOST:
        return "the certificate belongs to another host"
    if error.verify_code == EXPIRED:
        return "the certificate has expired; is the clock of this computer right?"
    if error.verify_code == NOT_YET_VALID:
        return "the certificate is not valid yet; is the clock of this computer right?"
    return f"the certificate is not valid: {error.verify_message}"
