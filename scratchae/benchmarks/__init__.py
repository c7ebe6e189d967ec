"""Speed: training steps against peers and matrix products against BLAS, side by side in one run; and the grading of a class."""
