"""The demo company: three simulated years of an equipment maker, with the truth behind them kept beside them.

`building.build` fills an empty database; `SIGN_INS` says who may sign in and with which password.
"""

from loudou.demo.sign_ins import PASSWORD, SIGN_INS, SignIn

__all__ = ["PASSWORD", "SIGN_INS", "SignIn"]
