"""Tables and images from files: rows for a model, with the names of the columns and the labels.

`read_table` reads text with any separator, Parquet, arrays of NumPy, IDX files and folders of images. Whatever it takes for
column names, for an index or for labels, and whatever it leaves out, is listed in the record that it returns.

==============  =====================================================================
file            idea
==============  =====================================================================
data_table      the record: rows, labels, names, notes
reading         `read_table`: which kind of file it is
text            separator, decimal sign and column names, from the first lines
frames          text and Parquet, read by pandas; plain numbers without pandas
cells           numbers from cells: quoted, with decimal commas, Booleans
columns         which column is an index, which holds labels, which are pixels
missing         missing values: an error, rows dropped, or means
arrays          `.npy` and `.npz` files
images          folders of images, and IDX files
compressed      gzip, bzip2, xz and zip
==============  =====================================================================
"""

from scratchae.tables.data_table import DataTable
from scratchae.tables.reading import read_table

__all__ = ["DataTable", "read_table"]
