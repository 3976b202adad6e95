"""Embeddings and vector search for recruiting: the Python SDK."""

__version__ = "0.1.0"
