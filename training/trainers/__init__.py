"""Trainers: one module a model; each takes prepared files and returns what a release holds."""
