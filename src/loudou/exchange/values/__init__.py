"""From the text of a cell to a value: dates, numbers, truths, lists, in the ways people of both languages write them."""
