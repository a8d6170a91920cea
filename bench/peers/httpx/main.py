"""Python's httpx, measured as the JavaScript clients are: it takes its order as JSON, warms up, measures, and prints a
sample. The members are those of bench/support/peers-order.ts."""

import asyncio
import json
import math
import resource
import sys
import time

import httpx


class Books:
    """What the callers of one load came to; latencies in µs."""

    def __init__(self):
        self.latencies = []
        self.errors = 0
        self.first_error = ""

    async def record(self, once):
        begun = time.perf_counter()
        try:
            await once()
        except Exception as error:  # counted, whatever it is
            if self.errors == 0:
                self.first_error = repr(error)
            self.errors += 1
        self.latencies.append((time.perf_counter() - begun) * 1e6)

    def summary(self, sent_before, cpu, wall):
        ordered = sorted(self.latencies)
        requests = len(ordered)

        def at(share):
            return ordered[math.ceil(share * requests) - 1]

        return {
            "sent": sent_before + requests,
            "requests": requests,
            "errors": self.errors,
            "first_error": self.first_error,
            "cpu": cpu,
            "wall": wall,
            "gc": None,
            "p50": at(0.5),
            "p99": at(0.99),
            "p999": at(0.999),
            "peak_rss_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }


def open_client(order):
    connections = order["connections"]
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(base_url=order["origin"], limits=limits, timeout=30)


def call_of(client, order):
    path, kind = order["path"], order["kind"]
    name, value = order["member"]

    def expect_bytes(length):
        if length != order["bytes"]:
            raise ValueError(f"the body has {length} bytes; {order['bytes']} were sent")

    async def text():
        expect_bytes(len((await client.get(path)).text))

    async def stream():
        length = 0
        async with client.stream("GET", path) as response:
            async for chunk in response.aiter_bytes():
                length += len(chunk)
        expect_bytes(length)

    async def post():
        answer = (await client.post(path, json=order["value"])).json()
        if answer.get(name) != value:
            raise ValueError(f"the answer has no {name} {value}")

    return {"text": text, "stream": stream, "json": post, "burst": post}[kind]


def spent(ms):
    """Whether this process has worked for so long; on the wall it may take ten times as long."""
    cpu, until = time.process_time() + ms / 1000, time.perf_counter() + ms / 100
    return lambda: time.process_time() > cpu or time.perf_counter() > until


async def load(once, callers, ms, books):
    over = spent(ms)

    async def caller():
        # Once at least, so that every connection is open when the warm-up is over.
        await books.record(once)
        while not over():
            await books.record(once)

    begun = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return time.perf_counter() - begun


async def measure_slices(order, sent_before, one_slice):
    """A slice adds to the books, and gives how many seconds of the wall's clock count."""
    books, cpu, wall = Books(), [], []
    for _ in range(order["slices"]):
        before, counted = time.process_time(), len(books.latencies)
        took = await one_slice(books)
        requests = len(books.latencies) - counted
        cpu.append((time.process_time() - before) * 1e6 / requests)
        wall.append(took * 1e6 / requests)
    return books.summary(sent_before, cpu, wall)


async def measure_load(order):
    async with open_client(order) as client:
        once, callers, warm = call_of(client, order), order["callers"], Books()
        await load(once, callers, order["warmUp"], warm)
        return await measure_slices(
            order, len(warm.latencies), lambda books: load(once, callers, order["measured"], books)
        )


async def burst(order, books):
    async with open_client(order) as client:
        once = call_of(client, order)
        begun = time.perf_counter()
        await asyncio.gather(*(books.record(once) for _ in range(order["callers"])))
        return time.perf_counter() - begun


async def measure_bursts(order):
    warm, over = Books(), spent(order["warmUp"])
    while not over():
        await burst(order, warm)
    return await measure_slices(order, len(warm.latencies), lambda books: burst(order, books))


def main():
    order = json.loads(sys.argv[1])
    measure = measure_bursts if order["kind"] == "burst" else measure_load
    print(json.dumps(asyncio.run(measure(order))))


main()
