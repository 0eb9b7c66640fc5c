"""Platforms to try the program on: made-up people, and servers on loopback with the platforms' own wire formats."""
