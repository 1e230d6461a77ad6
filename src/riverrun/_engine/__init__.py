"""Floor 2: the engine. How a step runs, is observed, owns its input and ends, written once for both colours.

`call` and `flow` (lanes) are the only way into a step's kernels. `runnable` is the face that users see.
"""
