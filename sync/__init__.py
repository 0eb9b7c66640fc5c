"""The run: pull, land, reconcile, publish, and the command line."""
