"""Other tasks on the same subjects, with another formula, constant or activation, from which variants of the exercises are drawn.

`catalogue` lists them by exercise; the other files contain their references.
"""
