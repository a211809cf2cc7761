"""Reads what panels write: numbers, and sums of products in full."""

import math
import re

NUMBER = r"\(?[−-]?(?:\d[\d,]*\.?\d*(?:e[−-]?\d+)?|NaN|∞)\)?"


def number_of(text):
    """Return the number that a text is."""
    plain = text.strip("() ").replace("−", "-").replace(",", "")
    return {"NaN": math.nan, "∞": math.inf, "-∞": -math.inf}.get(plain) if plain in {"NaN", "∞", "-∞"} else float(plain)


def value_of(text):
    """Return what a sum of products comes to, as in `2 × (−3) + 1 × 4`."""
    return sum(math.prod(number_of(factor) for factor in term.split(" × ")) for term in text.split(" + "))


def sides_of(text):
    """Return both sides of the equation that a text ends with, evaluated."""
    found = re.search(rf"((?:{NUMBER}(?: [+×] )?)+) = ({NUMBER})", text)
    assert found, text
    return value_of(found.group(1)), number_of(found.group(2))
