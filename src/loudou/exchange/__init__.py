"""Files in and out: imports with dry run and undo, exports, jobs users can see."""
