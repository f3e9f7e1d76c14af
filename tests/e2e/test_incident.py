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


async def test_asked_for_a_mask_no_id_is_in_the_bundle_and_it_can_still_be_played(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        await live.ready()
        ours = await live.order(Side.BUY, "0.05")
        stores = live.session.stores
        await eventually(lambda: stores.fills.all() and stores.balances.ledger)
        ids = {ours, stores.orders.get(ours).order_id, stores.fills.all()[0].exec_id}
        ids |= {change.ledger_id for change in stores.balances.ledger}
        log = tmp_path / "state" / "tidewire.log"
        log.write_text(f"{format_ns(live.session.clock.wall_ns())} INFO  x {ours} lately\n")
        await asyncio.sleep(1.2)
        open_bundle, masked = tmp_path / "open.zip", tmp_path / "masked.zip"
        for out, mask_ids in ((open_bundle, False), (masked, True)):
            await saver(live, tmp_path, Redactor()).save(out, 5, mask_ids=mask_ids)

    def everything(out):
        with zipfile.ZipFile(out) as bundle:
            parts = [bundle.read(name) for name in bundle.namelist()]
        return b"\n".join(
            [*parts, *(repr(list(segment.records())).encode() for segment in open_recording(out))]
        )

    assert len(ids) >= 4
    assert [one for one in ids if one.encode() in everything(masked)] == []
    assert [one for one in ids if one.encode() not in everything(open_bundle)] == []
    assert b"lately" in everything(masked)
    replay = ReplaySession(masked)
    try:
        replay.player.advance(replay.player.end_ns)
        (fill,) = replay.stores.fills.all()
        assert fill.order_id in {order.order_id for order in replay.stores.orders.all()}
        assert replay.stores.books.view(BTC) is not None
    finally:
        await replay.stop()


async def test_a_bundle_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    async with recorded_terminal(tmp_path) as live:
        with pytest.raises(IncidentError) as failure:
            await saver(live, tmp_path, Redactor()).save(tmp_path / "nowhere" / "x.zip", 5)

    assert "nowhere" in failure.value.user_message
