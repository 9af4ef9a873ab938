"""A TCP proxy on loopback that delays every byte by half a round trip in each direction.

delayproxy.py UPSTREAM_PORT ROUND_TRIP_MS   prints its own port, then serves until it is ended.
"""

import asyncio
import sys


async def pump(reader, writer, delay):
    """Chunks keep their order and their distance: each leaves `delay` seconds after it came."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def send():
        while True:
            when, data = await queue.get()
            await asyncio.sleep(max(0, when - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()

    sender = asyncio.create_task(send())
    try:
        while data := await reader.read(65536):
            queue.put_nowait((loop.time() + delay, data))
    except OSError:
        pass
    queue.put_nowait((loop.time() + delay, b""))
    try:
        await sender
    except OSError:
        pass


async def main():
    upstream, delay = int(sys.argv[1]), float(sys.argv[2]) / 2000

    async def serve(reader, writer):
        # The three-way handshake with the proxy costs nothing; a client would wait a round trip for the far end's.
        await asyncio.sleep(delay * 2)
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", upstream)
        await asyncio.gather(pump(reader, up_writer, delay), pump(up_reader, writer, delay))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
