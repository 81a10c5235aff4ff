"""What the columns of a file can go to: the targets of each kind, and the headings that people give them."""

from loudou.exchange.targets.kinds import KINDS, Kind
from loudou.exchange.targets.target import Reference, Target, ValueType

__all__ = ["KINDS", "Kind", "Reference", "Target", "ValueType"]
