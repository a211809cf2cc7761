"""Documents as text: the .gradviz file and the expression line."""
