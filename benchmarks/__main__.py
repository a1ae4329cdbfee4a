"""``python -m benchmarks``: the gate and the bank, one after the other. Archives: ``benchmarks/intake.py FOLDER``."""

from benchmarks import bank, gate

gate.main()
bank.main()
