"""Load a CSV file into a table of an SQLite database: sqlite.py DATABASE CSV SQL…

The first statement makes the table, whose columns are those of the file in their order; the others, such as indexes, run after
the rows are in. An empty value is NULL."""

import csv
import sqlite3
import sys

database, source, create, *after = sys.argv[1:]
csv.field_size_limit(1 << 30)
connection = sqlite3.connect(database)
connection.execute(create)
table = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid DESC").fetchone()[0]
with open(source, newline="", encoding="utf-8") as file:
    rows = csv.reader(file)
    marks = ", ".join("?" * len(next(rows)))
    connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', ([value or None for value in row] for row in rows))
for statement in after:
    connection.execute(statement)
connection.commit()
