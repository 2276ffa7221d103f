"""Answers for `calls.wr`, and each way to give none."""

import asyncio
import os
from datetime import timedelta

from shared.marks import IN_WORKER, fault


async def score(kind, n, d, tags, at):
    if kind == "raise" and n % 2 == 0:
        fault("raise")
        raise ValueError(f"no answer for {n}")
    if kind == "odd" and n % 2 == 0:
        fault("odd")
        return {"score": "much", "seen": []}
    if kind == "hang" and n % 8 == 0:
        fault("hang")
        await asyncio.sleep(3600 if IN_WORKER else 0)
        raise TimeoutError
    return {
        "score": n / 2,
        "seen": [kind or "none", *(tag or "?" for tag in tags)],
        "until": at and at + timedelta(microseconds=1500),
        "size": d and 2 * d,
        "day": at and at.date(),
    }


def screen(kind, n, score):
    if kind == "raise" and n % 2 == 1:
        fault("raise, required")
        raise ValueError(f"no answer for {n}")
    if kind == "odd" and n % 2 == 1:
        fault("odd, required")
        return {"level": 1.5}
    if kind == "die" and n % 4 == 0:
        fault("die")
        if IN_WORKER:
            os._exit(3)
        raise ChildProcessError
    return {"level": n % 7, "note": None if score < 0 else f"{kind} {score}"}


def mark():
    return "here"
