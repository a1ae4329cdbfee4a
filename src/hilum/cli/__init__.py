"""The command line: one of three faces of the table of operations."""
