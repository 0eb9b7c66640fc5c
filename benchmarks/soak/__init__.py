"""A soak: the daemon for minutes on bad platforms, watched all the while, its registry held to the truth at the end.

`platforms`: both sandboxes, what changes there, and the deliveries. `program`: the daemon and one-off commands.
`watching`: answers and memory over time. `truth`: what must hold at the end.
"""
