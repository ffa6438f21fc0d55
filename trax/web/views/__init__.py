"""What routes are sent and answer, as JSON."""
