"""Protects one detailed table of counts with tau-Argus (pytauargus) and writes its mask.

Usage: tauargus.py PROBLEM_FOLDER CLEAN_FOLDER MASK_FOLDER

The mask has the columns of a mask of `parvis protect`. Exit code 3: the problem is of a kind that one run of
tau-Argus does not take; the reason is the last line of what is printed.
"""

import csv
import json
import os
import sys


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tree(folder, name, entry):
    """The lines of a .hrc file, or None for a dimension without groups."""
    files = entry.get("hierarchies") or []
    if len(files) > 1:
        stop(f"{name} has several groupings")
    if not files:
        return None
    children, inner = {}, set()
    for row in rows(os.path.join(folder, files[0])):
        children.setdefault(row["parent"], []).append(row["child"])
        inner.add(row["child"])
    lines = []

    def visit(code, depth):
        lines.append("@" * depth + code)
        for child in children.get(code, []):
            visit(child, depth + 1)

    tops = children.pop(entry["total"], []) + [code for code in children if code not in inner]
    for code in tops:
        visit(code, 0)
    return lines


def stop(reason):
    print(reason)
    sys.exit(3)


def main(folder, work, out):
    from pytauargus import protect

    with open(os.path.join(folder, "problem.json"), encoding="utf-8") as file:
        problem = json.load(file)
    table = problem["tables"][0]
    if len(problem["tables"]) > 1 or not table.get("detail"):
        stop("linked tables")
    if problem["frequency"] != problem["value"]:
        stop("amounts")
    value, names = problem["value"], list(problem["dimensions"])
    hierarchies = {}
    for name in names:
        lines = tree(folder, name, problem["dimensions"][name])
        if lines is not None:
            path = os.path.join(work, name + ".hrc")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            hierarchies[name] = path
    micro = {name: [] for name in names + [value]}
    for row in rows(os.path.join(folder, table["file"])):
        for _ in range(int(row[value])):
            for name in names:
                micro[name].append(row[name])
            micro[value].append(1)
    totals = {problem["dimensions"][name]["total"] for name in names}
    if len(totals) > 1:
        stop("several codes of totals")
    total = totals.pop()
    result = protect(
        micro, names, response=value, safety_rules=f"FREQ({problem['rules']['min_frequency']},0)", suppress="MOD(1,5,1,1,1)",
        hrc=hierarchies, hierleadstring="@", totcode=total, workdir=work,
    ).tables[0]
    with open(os.path.join(out, table["name"] + ".csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names + [value, "status"])
        for row, safe in zip(result.rows, result.safe(None)):
            if row["status"] != "E" and row[value] != 0:
                codes = [row[name].strip() or total for name in names]
                writer.writerow(codes + ["" if safe is None else f"{safe:.0f}", row["status"]])


if __name__ == "__main__":
    main(*sys.argv[1:4])
