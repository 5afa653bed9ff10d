"""Watching the program: health, readiness and metrics."""
