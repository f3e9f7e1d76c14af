"""An incident bundle can be played, tells what happened, and holds no secret."""

from __future__ import annotations

import asyncio
import zipfile

import pytest

from core.app.incident import IncidentError, IncidentSaver
from core.app.replay_session import ReplaySession
from core.data.recording import open_recording
from core.domain.instrument import Side
from core.domain.times import format_ns
from core.runtime.redaction import Redactor
from core.runtime.secrets import Secret
from core.runtime.settings import Settings
from tests.helpers.recorded import BTC, recorded_terminal
from tests.helpers.waiting import eventually

CANARY = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="


def saver(live, home, redactor: Redactor) -> IncidentSaver:
    paths_log = home / "state" / "tidewire.log"
    return IncidentSaver(
        live.session.flight_recorder,
        paths_log,
        home / "data" / "journal-demo.sqlite",
        Settings(),
        redactor.clean,
        live.session.clock,
    )


async def test_an_incident_is_played_and_holds_no_secret(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        redactor = Redactor()
        redactor.register(Secret(live.exchange.key), Secret(live.exchange.secret))
        stamp, old = format_ns(live.session.clock.wall_ns()), "2020-01-01T00:00:00.000000Z"
        log = tmp_path / "state" / "tidewire.log"
        secrets = [*live.secrets, CANARY]
        leaks = "".join(f"{stamp} INFO  x token={one} {one}\n" for one in secrets)
        log.write_text(f"{old} INFO  x long ago\n{leaks}{stamp} INFO  x lately\n")
        live.session.note_input(f"typed by mistake {live.exchange.secret}")
        await live.order(Side.BUY, "0.05")
        await eventually(lambda: live.session.stores.fills.all())
        await asyncio.sleep(1.2)

        out = tmp_path / "incident.zip"
        size = await saver(live, tmp_path, redactor).save(out, 5)

    assert size == out.stat().st_size
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as bundle:
        parts = {name: bundle.read(name) for name in bundle.namelist()}
    unpacked = [repr(list(segment.records())).encode() for segment in open_recording(out)]
    everything = b"\n".join([*parts.values(), *unpacked])
    assert [one for one in secrets if one.encode() in everything] == []
    assert b"typed by mistake *" in unpacked[0]
    assert b"lately" in parts["log.txt"]
    assert b"long ago" not in parts["log.txt"]
    assert b"BTC/USD" in parts["journal/orders.csv"]
    assert b'"theme"' in parts["settings.json"]
    replay = ReplaySession(out)
    try:
        replay.player.advance(replay.player.end_ns)
        assert replay.stores.fills.all()
        assert replay.stores.books.view(BTC) is not None
    finally:
        await replay.stop()


async def test_a_bundle_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        with pytest.raises(IncidentError) as failure:
            await saver(live, tmp_path, Redactor()).save(tmp_path / "nowhere" / "x.zip", 5)

    assert "nowhere" in failure.value.user_message
