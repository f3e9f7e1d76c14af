"""python -m tests.soak [--hours H] [--virtual-hours V] [--seed S]: one line of JSON, code 1 when anything is broken.

A real window off-screen for ``--hours`` of the wall clock, and the client alone for ``--virtual-hours`` in which time
passes as fast as the work is done. 0 leaves one out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before any Qt import


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--virtual-hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=2.0, help="of the market of the real window")
    parser.add_argument("--pace", type=float, default=1.0, help="of the hands of the trader")
    options = parser.parse_args()
    told: dict[str, object] = {"seed": options.seed}
    if options.virtual_hours:
        from tests.soak.day import run_day

        told["virtual"] = run_day(options.virtual_hours, options.seed).line()
    if options.hours:
        from tests.soak.desk import run_desk

        told["window"] = run_desk(options.hours, options.seed, options.speed, options.pace).line()
    good = all(part["good"] for part in told.values() if isinstance(part, dict))
    sys.stdout.write(json.dumps({"good": good, **told}) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
