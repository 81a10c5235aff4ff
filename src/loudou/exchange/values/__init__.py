"""From the text of a cell to a value: dates, numbers, truths, lists, as people of both languages write them."""
