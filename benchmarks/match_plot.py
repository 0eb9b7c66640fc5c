"""Draws precision against recall. Runs in the environment of the peers, the only one that has matplotlib.

python -m benchmarks.match_plot OUTPUT.svg < DOCUMENTS      an array of `match_score.document`
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

RECALL, PRECISION = (0.70, 1.0), (0.88, 1.002)
"""What is shown; curves run on outside of it."""


def draw(documents: Sequence[dict[str, Any]], file: str) -> None:
    """One panel a size. A line for each program, a mark where it has one point; a dot is what it joins by itself."""
    sizes = sorted({document["size"] for document in documents})
    names = list(dict.fromkeys(document["name"] for document in documents))
    colours = dict(zip(names, mpl.colormaps["tab10"].colors, strict=False))
    figure, panels = plt.subplots(1, len(sizes), figsize=(1 + 4.5 * len(sizes), 4.5), squeeze=False, sharey=True)
    for size, panel in zip(sizes, panels[0], strict=True):
        for document in (document for document in documents if document["size"] == size):
            name, colour = document["name"], colours[document["name"]]
            recall, precision = ([point[at] for point in document["curve"]] for at in (2, 1))
            panel.plot(recall, precision, "-" if len(recall) > 1 else "D", color=colour, label=name, linewidth=1.2)
            if own := document.get("own_clusters"):
                panel.plot([own["recall"]], [own["precision"]], "o", color=colour, markersize=5)
        panel.axhline(0.998, color="0.7", linewidth=0.8, linestyle=":")
        panel.set(xlim=RECALL, ylim=PRECISION, xlabel="recall of pairs", title=f"{size:,} records")
        panel.grid(color="0.92")
    panels[0][0].set_ylabel("precision of pairs")
    handles = {
        line.get_label(): line for panel in panels[0] for line in panel.get_lines() if line.get_label()[0] != "_"
    }
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=3, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Read and draw; the same figures give the same file."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "match"
    draw(json.load(sys.stdin), sys.argv[1])


if __name__ == "__main__":
    main()
