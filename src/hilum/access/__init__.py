"""Who may do what: deny by default, permissions as data."""
