"""Who talks to whom: routing, risk, reconciliation, lifecycle. Knows no widgets and no JSON."""
