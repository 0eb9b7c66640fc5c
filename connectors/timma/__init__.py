"""Timma: the salon's bookings and customers."""
