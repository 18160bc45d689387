"""Changing the host: one module for each thing that a stage of a plan does (ARCHITECTURE.md, "The plan").

Each module has functions that take a `Host` and the changes of one stage, collect all their messages in a `Batch`, and send
them together. Doing so again completes what was done in part: what is already there, or already gone, is no refusal.
"""
