import json
import time
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from core.data.kraken.answers import Answer
from core.data.kraken.codec import Codec
from core.data.kraken.numbers import MAX_DIGITS, MAX_EXPONENT, number, plain
from core.data.kraken.requests import encode
from core.data.kraken.ws_schema import CHANNELS
from core.domain.errors import DecodeError
from core.domain.events import BookEvent
from core.domain.ids import ClOrdId, Symbol
from core.domain.instrument import Side
from core.domain.orders import OrderRequest, OrderType, TimeInForce
from tests.protocol.fixtures import frames, names

FRAMES = [frame.encode() for name in [*names("ws_"), "constructed_book_chain"] for frame in frames(name)]
WORDS = [
    "symbol",
    "data",
    "type",
    "bids",
    "asks",
    "price",
    "qty",
    "method",
    "result",
    "success",
    "req_id",
    "sequence",
    "order_id",
    "exec_type",
    "balance",
    "pairs",
    "assets",
    "interval_begin",
    "snapshot",
    "update",
]

odd_numbers = st.one_of(
    st.integers(),
    st.integers(min_value=2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e300, -1, 0, 10**60]),
)
odd_values = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_numbers, st.text(max_size=20), st.sampled_from(WORDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    ),
    max_leaves=25,
)


def decodes_or_refuses(raw):
    """Decode by both roads; anything but a value or a DecodeError fails the test."""
    codec = Codec()
    exact = Codec()
    exact.set_exact(Symbol("BTC/USD"))
    for each in (codec, exact):
        assert _meaning(each, raw)


def _meaning(codec, raw):
    try:
        return isinstance(codec.decode(raw), (list, Answer))
    except DecodeError as error:
        return codec.blame(raw, error).reason


@given(st.binary(max_size=300))
@example(b"\xff" * 40)
@example(b'{"channel":"book","type":"update","data":[{"symbol":"\xed\xa0\x80"}]}')
def test_no_bytes_raise_anything_but_a_decode_error(raw):
    decodes_or_refuses(raw)


@given(st.text(max_size=300))
def test_no_text_raises_anything_but_a_decode_error(text):
    decodes_or_refuses(text)


@given(st.sampled_from(FRAMES), st.data())
def test_no_damage_to_a_real_frame_raises_anything_but_a_decode_error(frame, data):
    start = data.draw(st.integers(0, len(frame)))
    end = data.draw(st.integers(start, min(len(frame), start + 40)))
    patch = data.draw(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b"null", b"1e999999", b"-0", b"{}", b'"']),
            st.sampled_from(FRAMES),
        )
    )

    decodes_or_refuses(frame[:start] + patch + frame[end:])


@given(st.sampled_from(sorted(CHANNELS)), odd_values, st.sampled_from(["snapshot", "update", "x"]))
def test_no_shape_of_channel_data_raises_anything_but_a_decode_error(channel, value, kind):
    decodes_or_refuses(json.dumps({"channel": channel, "type": kind, "data": value, "sequence": 1}))


@given(st.sampled_from(["pong", "subscribe", "add_order", "batch_add", "error"]), odd_values, odd_values)
def test_no_shape_of_an_answer_raises_anything_but_a_decode_error(method, result, success):
    decodes_or_refuses(json.dumps({"method": method, "result": result, "success": success, "req_id": result}))


@given(st.sampled_from(FRAMES), st.integers(0, 10**6), st.sampled_from([b"9", b"[", b"0.", b'{"a":', b" "]))
def test_no_inflated_frame_holds_the_loop(frame, at, filler):
    at %= len(frame) + 1
    started = time.thread_time()

    decodes_or_refuses(frame[:at] + filler * 50_000 + frame[at:])

    assert time.thread_time() - started < 0.2  # four passes, on a machine of any speed


prices = st.decimals(min_value="0.00000001", max_value="999999.9", places=8)
levels = st.lists(st.tuples(prices, prices), max_size=12)


@given(levels, levels, st.integers(0, 2**32 - 1), st.booleans())
def test_an_exact_book_comes_out_as_it_was_written(bids, asks, checksum, snapshot):
    codec = Codec()
    codec.set_exact(Symbol("BTC/USD"))
    rows = [
        "[" + ",".join(f'{{"price":{price:f},"qty":{qty:f}}}' for price, qty in side) + "]"
        for side in (bids, asks)
    ]
    kind = "snapshot" if snapshot else "update"
    raw = (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"BTC/USD","bids":{rows[0]},"asks":{rows[1]},'
        f'"checksum":{checksum}}}]}}'
    )

    (event,) = codec.decode(raw)

    assert isinstance(event, BookEvent)
    assert event.snapshot is snapshot
    assert [(str(level.price), str(level.qty)) for level in event.change.bids] == [
        (str(price), str(qty)) for price, qty in bids
    ]
    assert [(level.price, level.qty) for level in event.change.asks] == asks
    assert event.change.checksum == checksum


sane = st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**15), max_value=10**15)


@given(st.one_of(sane, st.decimals(allow_nan=True, allow_infinity=True)))
def test_a_number_is_written_plain_and_exact_or_not_at_all(value):
    try:
        text = plain(value)
    except ValueError:
        digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
        assert (
            not isinstance(exponent, int) or len(digits) > MAX_DIGITS or abs(value.adjusted()) > MAX_EXPONENT
        )
    else:
        assert Decimal(text) == value
        assert "E" not in text
        assert "." in bytes(number(value)).decode()


quantities = st.decimals(min_value="0.00000001", max_value=10**9, places=8)


@given(
    st.uuids(version=4),
    st.sampled_from(Side),
    quantities,
    st.decimals(min_value="0.1", max_value=10**7, places=1),
    st.sampled_from([TimeInForce.GTC, TimeInForce.IOC]),
    st.booleans(),
)
def test_what_we_order_is_what_is_written(uuid, side, qty, price, force, post_only):
    order = OrderRequest(
        cl_ord_id=ClOrdId(str(uuid)),
        symbol=Symbol("BTC/USD"),
        side=side,
        order_type=OrderType.LIMIT,
        qty=qty,
        limit_price=price,
        time_in_force=force,
        post_only=post_only,
    )

    params = json.loads(encode(order, 1, "token"), parse_float=Decimal)["params"]

    assert (params["order_qty"], params["limit_price"]) == (qty, price)
    assert (params["side"], params["cl_ord_id"]) == (side.value, str(uuid))
    assert params.get("post_only", False) is post_only
