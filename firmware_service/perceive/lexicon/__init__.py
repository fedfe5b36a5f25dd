"""How the words of a phrase are spoken: data, a file for each language."""
