"""Floor 1: what waiting means. Nothing here knows what a step is.

The engine is written once, in `async def`. `AsyncBackend` waits on the running loop; `SyncBackend` blocks the
calling thread, so that no coroutine of the engine ever suspends and one `send(None)` runs it to its end.
"""
