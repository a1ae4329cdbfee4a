"""The vocabulary: frozen values and enumerations, standard library only."""
