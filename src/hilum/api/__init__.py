"""The HTTP face: the same operations as the command line, as JSON over a wire."""
