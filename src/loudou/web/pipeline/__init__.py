"""Screens of the pipeline: six views of opportunities, the opportunity itself, and how the company sells."""
