"""Numbers as they are written in sentences and beside nodes: four significant digits everywhere."""

from __future__ import annotations

from math import floor, isfinite, isnan, log10
from typing import Any, Final

DIGITS: Final = 4
SMALLEST: Final = 1e-4
LARGEST: Final = 1e5
MINUS: Final = "−"


def show_number(value: Any) -> str:
    """Return a number with four significant digits, and an exponent outside 1e-4 … 1e5.

    Takes Python and NumPy numbers, booleans and tensors of one element. The minus sign is a true one (−3), zero has
    none, integers are exact below 1e5, what is not finite reads NaN, ∞ and −∞.
    """
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool):
        return str(number).lower()
    if isnan(number):
        return "NaN"
    return (MINUS if number < 0 else "") + _show_size(abs(number))


def _show_size(size: float) -> str:
    """Return a number from zero up."""
    if not isfinite(size):
        return "∞"
    if size == 0:
        return "0"
    if size >= 10 ** (DIGITS - 1) and float(whole := f"{size:.0f}") < LARGEST:
        return whole
    rounded = float(f"{size:.{DIGITS - 1}e}")
    if SMALLEST <= rounded < LARGEST:
        return _without_zeros(f"{size:.{DIGITS - 1 - floor(log10(rounded))}f}")
    mantissa, exponent = f"{size:.{DIGITS - 1}e}".split("e")
    return f"{_without_zeros(mantissa)}e{exponent[0].replace('-', MINUS).strip('+')}{exponent[1:].lstrip('0')}"


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
