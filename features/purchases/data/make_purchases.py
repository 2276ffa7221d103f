#!/usr/bin/env python3
"""Write purchases.jsonl and checkouts.jsonl: made-up events, the same on every run.

    python3 make_purchases.py        # writes beside this file

Events stand in arrival order. Among the purchases are byte-identical copies, rows that arrive late by less than the
source's disorder and some by more, null and absent currencies, foreign ones, and attempts that were not settled.
"""

from pathlib import Path

START_MS = 1_772_409_600_000  # 2026-03-02T00:00:00Z, a Monday
HOUR_MS = 3_600_000
PURCHASES, CHECKOUTS = 360, 90
USERS = [f"u{number:02}" for number in range(1, 13)]
MERCHANTS = ["bakery", "books", "cinema", "fuel", "garden", "grocer", "hotel", "pharmacy"]


class Draw:
    """A small generator of our own, so that no library version changes the data."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def pick(self, items):
        return items[self.below(len(items))]


def cents(n):
    return f"{n // 100}.{n % 100:02}"


def purchase(draw, number, ts):
    amount = draw.below(9_000) + 150 if draw.below(12) else draw.below(90_000) + 40_000
    currency = ['"currency":"USD",'] * 8 + ['"currency":null,', "", '"currency":"EUR",']
    status = ["settled"] * 8 + ["declined", "pending"]
    return (
        f'{{"purchase_id":"p{number:04}","user_id":"{draw.pick(USERS)}","merchant":"{draw.pick(MERCHANTS)}",'
        f'"amount":{cents(amount)},{draw.pick(currency)}"status":"{draw.pick(status)}","ts":{ts}}}'
    )


def checkout(draw, number, ts):
    # Decimals may come as JSON strings too; the checkouts do it that way.
    return (
        f'{{"checkout_id":"c{number:04}","user_id":"{draw.pick(USERS)}","merchant":"{draw.pick(MERCHANTS)}",'
        f'"cart_total":"{cents(draw.below(60_000) + 200)}","ts":{ts}}}'
    )


def late_by(draw):
    """How long after its event time a row arrives: mostly at once, some within ten seconds, a few hours later."""
    kind = draw.below(20)
    if kind == 0:
        return 2 * HOUR_MS + draw.below(HOUR_MS)
    return draw.below(10_000) if kind < 6 else 0


def events(draw, count, span_ms, make, disorderly):
    """Pairs of arrival time and line."""
    out = []
    for number in range(1, count + 1):
        ts = START_MS + draw.below(span_ms)
        line = make(draw, number, ts)
        arrival = ts + (late_by(draw) if disorderly else 0)
        out.append((arrival, line))
        if disorderly and draw.below(25) == 0:
            out.append((arrival + draw.below(HOUR_MS), line))
    return [line for _, line in sorted(out)]


def main():
    folder = Path(__file__).parent
    draw = Draw(20260302)
    span_ms = 9 * 24 * HOUR_MS  # longer than the longest window
    purchases = events(draw, PURCHASES, span_ms, purchase, disorderly=True)
    checkouts = events(draw, CHECKOUTS, span_ms, checkout, disorderly=False)
    (folder / "purchases.jsonl").write_text("\n".join(purchases) + "\n")
    (folder / "checkouts.jsonl").write_text("\n".join(checkouts) + "\n")


if __name__ == "__main__":
    main()
