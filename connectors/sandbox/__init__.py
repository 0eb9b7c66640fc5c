"""Platforms to try the program on: made-up people, and servers on loopback that speak the platforms' own wire formats."""
