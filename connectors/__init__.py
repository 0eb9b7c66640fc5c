"""Platforms: one folder each behind the seam in `connectors.base`."""
