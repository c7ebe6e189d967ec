"""The command-line interface. Each command is a thin module of its own; the work is done in the packages below.
Parsers and tables come from `scratchae.console`, which the tutorials use too.

A command's module is imported to print its help, so no command imports NumPy, Numba or matplotlib at module level.

==============  =======================================================================
file            idea
==============  =======================================================================
main            dispatch to the subcommands
outcome         exit status, one-line errors and warnings, Ctrl-C
inputs          load the data given by ``--data``, and saved models
models          one argument for each option of the models
report          results of a trained model; ``report_variational``, in nats
pictures        figures of a trained model; ``pictures_variational``, of its latent space
generated       samples of a variational model, as a picture or an array
compiling       the first run: compile the kernels on both cores
tour            ``scratchae tour``, with ``tour_classic``, ``tour_variational`` and ``tour_part``
train           ``scratchae train``
sample          ``scratchae sample``
explore         ``scratchae explore``
trace           ``scratchae trace``
study           ``scratchae study``
exercises       ``scratchae exercises``; each action has a file of its own, such as ``exercises_list``
check           ``scratchae check``
bench           ``scratchae bench``
data            ``scratchae data``
==============  =======================================================================
"""
