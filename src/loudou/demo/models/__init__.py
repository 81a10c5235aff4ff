"""Nouns of the demo."""

from loudou.demo.models.truth import DemoTruth

__all__ = ["DemoTruth"]
