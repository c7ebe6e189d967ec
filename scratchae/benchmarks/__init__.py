"""Benchmarks, measured side by side: training steps against other libraries, and matrix products against BLAS."""
