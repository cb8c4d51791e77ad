"""Trains on what `teamwright export` writes: supervised, preference, binary feedback, and rewards from executed plans."""
