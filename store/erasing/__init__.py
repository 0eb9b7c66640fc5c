"""Erasing: which rows are a person's, what in the database speaks of them, and how all of it goes. Decides no law."""
