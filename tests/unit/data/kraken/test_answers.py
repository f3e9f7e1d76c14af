import pytest

from core.data.kraken.answers import Verdict, failure, verdict
from core.domain.errors import OutcomeUnknown, Refused


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        ("EOrder:Insufficient funds", Verdict.REFUSED),
        ("EOrder:Unknown order", Verdict.REFUSED),
        ("EOrder:Rate limit exceeded", Verdict.REFUSED),
        ("EOrder:Reduce only:Position is closed", Verdict.UNKNOWN),
        ("EGeneral:Invalid arguments:volume minimum not met", Verdict.REFUSED),
        ("EGeneral:Invalid arguments:cl_ord_id not unique", Verdict.UNKNOWN),
        ("EGeneral: Invalid arguments: cl_ord_id not unique", Verdict.UNKNOWN),
        ("EGeneral:Permission denied", Verdict.PERMISSION),
        ("EGeneral:Temporary lockout", Verdict.LOCKOUT),
        ("EGeneral:Internal error", Verdict.UNKNOWN),
        ("EAPI:Invalid key", Verdict.KEY),
        ("EAPI:Invalid signature", Verdict.KEY),
        ("EAPI:Invalid nonce", Verdict.NONCE),
        ("EAPI:Invalid token", Verdict.TOKEN),
        ("ESession:Invalid session", Verdict.TOKEN),
        ("Token(s) not found", Verdict.TOKEN),
        ("EAPI:Rate limit exceeded", Verdict.PACE),
        ("EService:Market in cancel_only mode", Verdict.REFUSED),
        ("EService:Unavailable", Verdict.UNKNOWN),
        ("EService:Busy", Verdict.UNKNOWN),
        ("EService:Timeout", Verdict.UNKNOWN),
        ("EService:Throttled:1767225600", Verdict.UNKNOWN),
        ("EService: Throttled: 1767225600", Verdict.UNKNOWN),
        ("EService:Deadline elapsed", Verdict.UNKNOWN),
        ("EQuery:Unknown asset pair", Verdict.REFUSED),
        ("Cash_order_qty field must be a number_float", Verdict.REFUSED),
        ("Unsupported field: 'leverage' for the given msg type: add_order", Verdict.REFUSED),
        ("Exceeded msg rate", Verdict.PACE),
        ("EMoon:Wrong phase", Verdict.UNKNOWN),
        ("", Verdict.UNKNOWN),
    ],
)
def test_every_error_text_proves_what_the_catalogue_says_and_no_more(error, meaning):
    assert verdict(error) is meaning


def test_only_proof_makes_a_refusal():
    assert isinstance(failure("EOrder:Insufficient funds"), Refused)
    assert isinstance(failure("EService:Busy"), OutcomeUnknown)
    assert isinstance(failure("something new"), OutcomeUnknown)
