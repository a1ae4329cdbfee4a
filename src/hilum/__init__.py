"""Hilum (信种): the trusted biobank and cohort data platform."""

__version__ = "0.1.0"
