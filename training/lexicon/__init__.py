"""The lexicon of skills: surface forms counted, grouped, and told from words that only look like skills."""
