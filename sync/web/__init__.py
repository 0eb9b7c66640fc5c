"""What the daemon answers over HTTP: health, metrics, a page for people, deliveries."""
