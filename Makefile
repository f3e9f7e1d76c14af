# Thin aliases of dev.py, which needs nothing but Python. Options: make run ARGS="--symbols BTC/USD", make faults N=10000
PYTHON ?= python3
TASKS := run test check format bench faults breaks kills fuzz clicks panels ledger brackets soak storm mutants pictures package package-test setup lock clean

.PHONY: help $(TASKS)

help:
	@$(PYTHON) dev.py help

$(TASKS):
	@$(PYTHON) dev.py $@ $(ARGS)
