"""V(key, Q) of the hand-written user_spend bundle by brute force, straight from the file's lines. Shares nothing with the bundle."""

import json
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 200

H = 3_600_000
D = 24 * H
WINDOWS = {"1h": H, "24h": D, "7d": 7 * D}
EMPTY = {
    "spend_1h": None, "spend_24h": None, "spend_7d": None, "txns_1h": 0, "txns_7d": 0, "big_txns_7d": 0, "avg_amount_7d": None,
    "biggest_24h": None, "smallest_24h": None, "last_merchant_7d": None,
}  # fmt: skip


def fixed(value, scale):
    return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)


def decode(line):
    """The checked event, or None for a dead letter."""
    try:
        e = json.loads(line.decode("utf-8"))
        assert isinstance(e, dict)
        for field in ("purchase_id", "user_id", "merchant", "status"):
            assert isinstance(e[field], str)
            e[field].encode("utf-8")
        assert e.get("currency") is None or isinstance(e["currency"], str)
        assert type(e["ts"]) is int and -(2**63) <= e["ts"] < 2**63
        assert isinstance(e["amount"], (str, int)) and not isinstance(e["amount"], bool)
        amount = Decimal(e["amount"])
        assert amount == fixed(amount, 2) and abs(amount) < 10**10
        e["amount"] = amount
        return e
    except Exception:
        return None


def events(lines, until):
    """Per key its settled events before the cut, copies once; and the dead letters."""
    seen, keys, dead = set(), {}, []
    for line in lines:
        e = decode(line)
        if e is None:
            dead.append(line)
        elif e["ts"] < until and (e["purchase_id"], line) not in seen:
            seen.add((e["purchase_id"], line))
            if e["status"] == "settled":
                keys.setdefault(e["user_id"], []).append(e)
    return keys, dead


def row(all_events, q):
    """V of these events as of q."""
    of = {name: [e for e in all_events if q - w <= e["ts"] < q] for name, w in WINDOWS.items()}
    out = dict(EMPTY)
    for name, inside in of.items():
        if inside:
            out[f"spend_{name}"] = str(fixed(sum(e["amount"] for e in inside), 2))
    out["txns_1h"], week, day = len(of["1h"]), of["7d"], of["24h"]
    out["txns_7d"] = len(week)
    out["big_txns_7d"] = sum(fixed(e["amount"] * Decimal("1.1"), 2) > 500 for e in week)
    if week:
        out["avg_amount_7d"] = str(fixed(sum(e["amount"] for e in week) / len(week), 6))
        last = max(week, key=lambda e: (e["ts"], e["purchase_id"].encode(), e["merchant"].encode()))
        out["last_merchant_7d"] = last["merchant"]
    if day:
        out["biggest_24h"] = str(fixed(max(e["amount"] for e in day), 2))
        out["smallest_24h"] = str(fixed(min(e["amount"] for e in day), 2))
    return out
