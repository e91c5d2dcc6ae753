"""How a figure came about: one ticket's clocks step by step, or all that stands behind an objective."""
