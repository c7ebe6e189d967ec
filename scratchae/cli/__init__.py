"""The room of the commands: thin, each in a file of its own; what they do is done in the rooms below.
Arguments and tables are those of `scratchae.console`, which the tutorials use too.

A command's module is imported to print its help, so nothing heavy (NumPy, Numba, matplotlib) is imported at the top of a file here.

==============  =======================================================================
file            idea
==============  =======================================================================
main            which command, and what becomes of its errors
outcome         exit status, errors and warnings as one line, Ctrl-C
inputs          the data that ``--data`` names, and saved models
models          which model a command trains: an argument for each option
report          what a trained model has reached; ``report_variational``, in nats
pictures        the figures of a trained model; ``pictures_variational``, of its latent space
generated       what a variational model generates, as a picture or an array
compiling       the first run: kernels compiled on both cores
tour            ``scratchae tour``, with ``tour_classic``, ``tour_variational`` and ``tour_part``
train           ``scratchae train``
sample          ``scratchae sample``
explore         ``scratchae explore``
study           ``scratchae study``
exercises       ``scratchae exercises``: which action; each has a file of its own, such as ``exercises_list``
check           ``scratchae check``
bench           ``scratchae bench``
data            ``scratchae data``
==============  =======================================================================
"""
