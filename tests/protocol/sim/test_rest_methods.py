"""HTTP methods nobody needs get an answer as well, and the connection lives on."""

import httpx
import pytest

from core.sim.exchange import SimExchange


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
async def test_another_method_is_answered_and_the_connection_stays(
    exchange: SimExchange, method: str
) -> None:
    url = f"{exchange.endpoints.public_rest}/0/public/Time"
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=1)) as client:
        odd = await client.request(method, url)
        asked = await client.get(url)

    assert odd.status_code == 404
    assert bool(odd.content) is (method != "HEAD")
    assert asked.json()["error"] == []
