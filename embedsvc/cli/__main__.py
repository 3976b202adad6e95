"""`python -m embedsvc.cli`."""

from embedsvc.cli import main

main()
