"""Speed, measured side by side in one run: training steps against peers, and matrix products against BLAS."""
