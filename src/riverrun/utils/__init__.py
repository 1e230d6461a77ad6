"""Helpers that programs use beside steps: schemas of functions, strings, iterators."""
