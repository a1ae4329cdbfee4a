"""Wiring: settings to adapters to operations. The only package that knows adapters (decision 0009)."""
