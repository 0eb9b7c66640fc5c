"""`rekisteri demo`: the sandbox platforms alone."""

from typing import Annotated
import typer


def demo(ctx: typer.Context) -> None:
    """x"""
