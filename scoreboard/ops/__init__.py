"""Watching the program: health, readiness, metrics, and contests that wait for an official."""
