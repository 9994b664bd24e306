"""A process that leads when it may, and says so: `python -m tests.support.leader DATABASE_URL`.

While it leads it prints the time, in seconds, every few milliseconds.
"""

import asyncio
import sys
import time
from types import SimpleNamespace

from db.session import Database
from handlers.leadership import Leadership
from handlers.presence import Presence
from services import clock


async def main(url):
    async def take_over():
        pass

    database = Database(url)
    desk = SimpleNamespace(clock=clock.system)
    context = SimpleNamespace(database=database, desk=desk, presence=Presence(alone=False), take_over=take_over)
    leadership = Leadership(context)

    async def lead():
        while True:
            print(time.time(), flush=True)  # noqa: T201  for the test that started it
            await asyncio.sleep(0.005)

    await asyncio.gather(leadership.run(), leadership.while_leading(lead))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
