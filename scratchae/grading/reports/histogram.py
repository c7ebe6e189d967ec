"""A histogram as a picture of rectangles and text, which needs no script."""

from __future__ import annotations

from collections.abc import Sequence

from scratchae.grading.reports.elements import Html, element

WIDTH, HEIGHT, TOP, BOTTOM = 400, 170, 16, 22


def histogram(counts: Sequence[int]) -> Html:
    """How many students reached which share of the points, in equal bins from 0 to 100 %.

    Parameters
    ----------
    counts : sequence of int
    """
    tall, step = HEIGHT - TOP - BOTTOM, WIDTH / len(counts)
    parts = []
    for i, count in enumerate(counts):
        height = tall * count / max(max(counts), 1)
        x, y = i * step, TOP + tall - height
        parts.append(
            element(
                "rect",
                x=f"{x + 2:.1f}",
                y=f"{y:.1f}",
                width=f"{step - 4:.1f}",
                height=f"{height:.1f}",
                rx="2",
                class_="filled",
            )
        )
        if count:
            parts.append(element("text", str(count), x=f"{x + step / 2:.1f}", y=f"{y - 4:.1f}", text_anchor="middle"))
    base = TOP + tall
    parts.append(element("line", x1="0", x2=str(WIDTH), y1=str(base), y2=str(base), class_="axis"))
    for share in (0, 50, 100):
        anchor = {0: "start", 100: "end"}.get(share, "middle")
        parts.append(
            element(
                "text", f"{share} %", x=str(WIDTH * share // 100), y=str(HEIGHT - 6), text_anchor=anchor, class_="tick"
            )
        )
    told = ", ".join(f"{10 * i} to {10 * i + 10} %: {count}" for i, count in enumerate(counts))
    return element(
        "svg",
        parts,
        class_="histogram",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"Students by share of the points. {told}",
    )
