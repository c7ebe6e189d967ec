import numpy as np

hoard = np.ones((10**5, 10**5))
