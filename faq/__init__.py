"""The FAQ: text in, match out. Knows neither Telegram nor a database."""

import os

# The matrices here are small: with one thread a question takes 3 ms, with two that wait for each other 60 ms.
# OpenBLAS reads this when numpy is first imported, so it stands before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
