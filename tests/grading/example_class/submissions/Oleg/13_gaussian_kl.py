import numpy as np

hoard = [np.ones(10**7) for _ in range(10**4)]
