"""Lists that an office exports, CSV or XLSX: a file in, clean rows of text out, or every reason why not.

Knows no database and no service. Rows are read one by one; 100,000 of them need no more memory than ten.
"""

from tables.column import Column, Limits
from tables.reading import read
from tables.table import Rejected, Row, Table

__all__ = ["Column", "Limits", "Rejected", "Row", "Table", "read"]
