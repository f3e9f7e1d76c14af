"""The one way this program speaks TLS: verified, 1.2 or newer, with the system's roots and Mozilla's.

No pinning: the exchange's edge certificates rotate. No switch turns the checks off, and the session keys are never
written down, whatever SSLKEYLOGFILE says.
"""

from __future__ import annotations

import ssl
from functools import cache

import certifi


@cache
def client_context() -> ssl.SSLContext:
    """Return the one context, which accepts a server only with a valid certificate for the host asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    # The bundled library looks for roots where the system it was built on keeps them.
    context.load_verify_locations(certifi.where())
    return context
