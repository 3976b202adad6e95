"""Offline jobs: from candidates to a published release."""
