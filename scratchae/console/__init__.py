"""The terminal, as commands and tutorials share it: what they are given, and what they print.

=======  =====================================================================
file     idea
=======  =====================================================================
parser   arguments: one-line errors that suggest, help with examples
outputs  folders and files that will be written, tried before the work begins
table    columns of text
=======  =====================================================================
"""
