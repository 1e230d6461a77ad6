"""Floor 0: values in, values out. The standard library only; no async, no I/O, no knowledge of a step."""
