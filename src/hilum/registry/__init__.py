"""Donors, specimens, custody: what the gate accepted, kept as events and read as facts."""
