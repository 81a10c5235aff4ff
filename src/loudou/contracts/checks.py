"""What `loudou check` proves about contracts; each part of the module declares its own."""

from loudou.contracts import ledger_checks

__all__ = ["ledger_checks"]
