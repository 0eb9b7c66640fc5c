"""Rights of the people in the registry: what they consent to, object to and ask for. Use cases over the store."""
