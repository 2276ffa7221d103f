"""Random purchases with everything that goes wrong: copies, ties, late rows, window edges, bad records, keys and texts that are hard to order."""

import json
import random

H = 3_600_000
D = 24 * H
Q = 1_700_000_123_457
EDGES = [Q + d for d in (-2, -1, 0, 1)] + [Q - w + d for w in (H, D, 7 * D) for d in (-2, -1, 0, 1, 2)]
# By UTF-8 bytes U+FF61 is before U+1F600, by UTF-16 units after it.
MERCHANTS = ["m1", "m2", "M2", "", "｡", "\U0001f600", "é", "z\"'\\", "a b"]
AMOUNTS = ["454.54", "454.55", "-454.55", "0.00", "-0.01", "9999999999.99", "-9999999999.99", "454.5", "455", 455, "1e2"]
BAD = [
    b"nonsense", b"{}", b"[1]", b'{"purchase_id":1}', b'{"purchase_id":"x"} {}', b'\xff\xfe{"a":1}', b"null",
    b'{"purchase_id":"b","user_id":"u0","merchant":"m","amount":"1.001","status":"settled","ts":1699999999999}',
    b'{"purchase_id":"b","user_id":"u0","merchant":"m","amount":"10000000000","status":"settled","ts":1699999999999}',
    b'{"purchase_id":"b","user_id":"u0","merchant":"m","amount":"1","status":"settled","ts":"1699999999999"}',
    b'{"purchase_id":"b","user_id":"u0","merchant":"m","amount":"1","status":"settled","ts":99999999999999999999}',
    b'{"purchase_id":"b","user_id":null,"merchant":"m","amount":"1","status":"settled","ts":1699999999999}',
    b'{"purchase_id":"b","user_id":"u0","merchant":"m","currency":5,"amount":"1","status":"settled","ts":1699999999999}',
    b'{"purchase_id":"b","user_id":"u0","merchant":"\\ud800","amount":"1","status":"settled","ts":1699999999999}',
]  # fmt: skip


def event_time(rng):
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(EDGES)
    if kind < 0.5:
        return Q - rng.randrange(-H, 2 * D)
    if kind < 0.6:
        return Q - rng.randrange(0, 5 * 60_000)
    return Q - rng.randrange(0, 12 * D)


def event(rng, number, hot):
    key = "u0" if rng.random() < hot else rng.choice(["u1", "u2", "u3", "", "ü", "｡", "k'k", *(f"cold{i}" for i in range(60))])
    e = {
        "purchase_id": f"p{number}" if rng.random() < 0.95 else rng.choice(["same", "｡", "\U0001f600"]),
        "user_id": key,
        "merchant": rng.choice(MERCHANTS),
        "amount": rng.choice(AMOUNTS) if rng.random() < 0.2 else f"{rng.uniform(-50, 900):.2f}",
        "currency": rng.choice(["EUR", "USD", None]),
        "status": "settled" if rng.random() < 0.9 else "failed",
        "ts": event_time(rng),
    }
    if e["currency"] is None and rng.random() < 0.5:
        del e["currency"]
    return e


def ties(rng):
    """Cold keys whose newest events differ in id or bytes only: ids that UTF-8 and UTF-16 order differently, and one id with two contents."""
    for i in range(12):
        ts = Q - rng.randrange(1, 6 * D)
        ids = rng.sample(["｡", "\U0001f600", "a", "9", "10"], 3) if i % 2 else ["same"] * 3
        for n, purchase_id in enumerate(ids):
            yield {
                "purchase_id": purchase_id, "user_id": f"tie{i}", "merchant": f"m{n}", "amount": f"{n}.00", "currency": "EUR", "status": "settled",
                "ts": ts,
            }  # fmt: skip


def delay(rng):
    kind = rng.random()
    if kind < 0.6:
        return rng.randrange(0, 10_000)
    return rng.randrange(0, H) if kind < 0.9 else rng.randrange(0, 5 * D)


def lines(seed, count, order, hot=0.5):
    """`order`: `delayed` comes by event time plus a delay, `shuffled` in no order at all."""
    rng = random.Random(seed)
    arrivals = []
    for e in [*(event(rng, number, hot) for number in range(count)), *ties(rng)]:
        line = json.dumps(e, ensure_ascii=rng.random() < 0.5).encode()
        for _ in range(1 if rng.random() < 0.9 else rng.randrange(2, 4)):
            arrivals.append((e["ts"] + delay(rng), line))
    arrivals += [(Q - rng.randrange(0, 9 * D), bad) for bad in BAD]
    arrivals.sort(key=lambda a: a[0]) if order == "delayed" else rng.shuffle(arrivals)
    return [line for _, line in arrivals]
