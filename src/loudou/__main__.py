"""`python -m loudou` is `loudou`."""

from loudou.config.cli import main

main()
