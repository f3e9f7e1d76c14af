"""All mutants, in the order of the table."""

from tests.mutants.doubt import DOUBT
from tests.mutants.mutant import Mutant
from tests.mutants.reports import REPORTS
from tests.mutants.sending import SENDING
from tests.mutants.streams import ACCOUNT, BOOKS, LINES
from tests.mutants.wire import WIRE

MUTANTS: tuple[Mutant, ...] = (*SENDING, *DOUBT, *REPORTS, *BOOKS, *LINES, *ACCOUNT, *WIRE)
