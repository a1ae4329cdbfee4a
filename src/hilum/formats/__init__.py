"""Other people's shapes: readers that yield records, and documents for people."""
