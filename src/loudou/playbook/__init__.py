"""What the company knows about selling its products: short cards, newcomers' reading lists, and a quiz."""
