# SPDX-License-Identifier: GPL-2.0
"""What a run in the machine said, read: blocks of lines, and what clients print."""
import csv
import re
from pathlib import Path


def blocks(path):
    """The (words behind the @, lines) of each block of a raw file."""
    found = []
    for line in Path(path).read_text(errors="replace").splitlines():
        if line.startswith("@ "):
            found.append((line[2:].split(), []))
        elif found:
            found[-1][1].append(line)
    return found


def facts(all_blocks):
    """How the run was made: the lines "NAME VALUE" of host and machine."""
    return dict(line.split(" ", 1) for words, lines in all_blocks
                if words[0] in ("host", "machine") for line in lines if " " in line)


def number(pattern, text):
    return float(re.search(pattern, text).group(1))


def percentile(wanted, text):
    """Milliseconds at the first step of the distribution that reaches `wanted`."""
    steps = text[text.index("by percentile"):text.index("Cumulative")]
    for share, ms in re.findall(r"^([\d.]+)% <= ([\d.]+)", steps, re.M):
        if float(share) >= wanted:
            return float(ms)
    raise ValueError(f"no percentile {wanted}")


def client_figures(text):
    """What redis-benchmark has measured."""
    found = {"requests_per_second": number(r"throughput summary: ([\d.]+)", text)}
    for wanted in (50, 99, 99.9):
        found[f"p{wanted}_ms"] = percentile(wanted, text)
    return found


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def write_csv(path, rows):
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
