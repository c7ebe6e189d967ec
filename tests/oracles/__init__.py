"""An independent judge: every op, objective and training written once more in PyTorch, from its definition.

=============  ========================================================================================
file           idea
=============  ========================================================================================
definitions    the objective of every model, its bounds, its codes and reconstructions, as textbooks have them
training       first parameters, shuffles, noise and epochs, with the optimisers of `torch.optim`
operations     every op as a function of tensors; gradients are those of autograd
arguments      what every op is tried on: usual numbers, extreme ones, large arrays
pairs          options in all pairs
cases          which options are tried, and how a model with given parameters is made
comparison     when two results count as the same
=============  ========================================================================================

`definitions`, `training` and `operations` import nothing of scratchae: what is shared is the names of options and of parameters. Where PyTorch
is not installed (``pip install scratchae[oracles]``), the tests that need it are skipped.
"""
