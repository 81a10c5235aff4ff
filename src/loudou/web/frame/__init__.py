"""The frame every screen stands in: page classes, layout, filter bar, keyboard, saved views, refusals."""
