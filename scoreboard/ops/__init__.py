"""Watching the program: health, readiness, and metrics, of one process or of all on its ports."""
