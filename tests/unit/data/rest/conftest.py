import pytest

from core.data.rest.client import RestClient
from core.runtime.clock import ManualClock
from tests.helpers.rest_calls import KEY, documented
from tests.helpers.scripted_rest import scripted_rest


@pytest.fixture
async def server():
    async with scripted_rest() as server:
        server.answers["SystemStatus"] = {"status": "online", "timestamp": "2023-07-06T18:52:00Z"}
        server.answers["Assets"] = documented("Assets")
        server.answers["AssetPairs"] = documented("AssetPairs")
        yield server


@pytest.fixture
async def clock():
    return ManualClock()


@pytest.fixture
async def rest(server, clock):
    client = RestClient(server.endpoints, KEY, clock, seed=1)
    yield client
    await client.close()
