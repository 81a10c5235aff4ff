"""What `loudou check` proves about contracts; each part of the module declares its own."""

from loudou.contracts import contract_checks, ledger_checks

__all__ = ["contract_checks", "ledger_checks"]
