"""Terminal input and output shared by the commands and the tutorials.

=======  =====================================================================
file     idea
=======  =====================================================================
parser   arguments: one-line errors with suggestions, help with examples
outputs  folders and files to be written, checked before the work begins
table    columns of text
=======  =====================================================================
"""
