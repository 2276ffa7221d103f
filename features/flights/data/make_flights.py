#!/usr/bin/env python3
"""Cut flights.csv from the flight records that the npm package vega-datasets ships.

    npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
    pip install pyarrow
    python3 make_flights.py package/data/flights-3m.parquet > flights.csv

The slice is fixed, so the same input gives the same bytes.
"""

import sys
from datetime import datetime

import pyarrow.parquet as pq

# The ten airports with the most departures in January 2001.
AIRPORTS = {"ORD", "DFW", "ATL", "LAX", "PHX", "STL", "DTW", "MSP", "LAS", "DEN"}
# Two whole weeks, Monday to Sunday: a seven-day window fills, then rolls.
FIRST, END = datetime(2001, 1, 8), datetime(2001, 1, 22)


def main(path):
    table = pq.read_table(path, columns=["date", "origin", "destination", "delay", "distance"])
    rows = zip(*(table[name].to_pylist() for name in table.column_names))
    kept = sorted(
        row for row in rows if FIRST <= row[0] < END and row[1] in AIRPORTS and row[2] in AIRPORTS
    )
    out = sys.stdout
    out.write("flight_id,ts,origin,destination,delay_min,distance_mi\n")
    for number, (date, origin, destination, delay, distance) in enumerate(kept, start=1):
        cells = (f"F{number:05}", date.strftime("%Y-%m-%dT%H:%M:%SZ"), origin, destination, delay, distance)
        # An absent figure stays an empty cell: null, not zero.
        out.write(",".join("" if cell is None else str(cell) for cell in cells) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
