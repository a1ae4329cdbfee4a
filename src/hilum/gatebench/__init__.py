"""gate-bench: coherent specimen life cycles, defects planted in them with a ledger, and a score for whoever judges."""
