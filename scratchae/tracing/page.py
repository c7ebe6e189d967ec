"""A trace as a table in HTML: each line with its label, its equation, and the values that it computed."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from scratchae.tracing.equations import Equation
from scratchae.tracing.formulas import drawing
from scratchae.tracing.record import TraceRecord, first_uses, place_of
from scratchae.tracing.recorder import Step
from scratchae.tracing.text import heading, shown
from scratchae.tracing.values import Value

STYLE = """\
.scratchae-trace { border-collapse: collapse; font-size: 0.9em; }
.scratchae-trace th, .scratchae-trace td { text-align: left; vertical-align: top; padding: 0.3em 0.6em; border-top: 1px solid #8884; }
.scratchae-trace caption { text-align: left; font-weight: bold; padding: 0.3em 0.6em; }
.scratchae-trace caption span { font-weight: normal; display: block; }
.scratchae-trace th[scope=rowgroup] { background: #8882; }
.scratchae-trace code { white-space: pre-wrap; overflow-wrap: anywhere; }
.scratchae-trace .place, .scratchae-trace .size { opacity: 0.75; font-size: 0.85em; }
.scratchae-trace .equation { display: block; max-width: 100%; height: auto; margin: 0.3em 0; }
@media (max-width: 45em) {
  .scratchae-trace, .scratchae-trace caption, .scratchae-trace tbody, .scratchae-trace tr, .scratchae-trace td { display: block; }
  .scratchae-trace thead { display: none; }
  .scratchae-trace tr { border-top: 1px solid #8884; }
  .scratchae-trace td, .scratchae-trace th { border-top: none; display: block; }
}
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; margin: 1em; }}
main {{ overflow-x: auto; }}
</style>
</head>
<body>
<main tabindex="0">
{table}
</main>
</body>
</html>
"""


def page(trace: TraceRecord) -> str:
    """Return the trace as one page, light or dark as the reader's system is."""
    return PAGE.format(title=escape(heading(trace)), table=table(trace))


def table(trace: TraceRecord) -> str:
    """Return the trace as a table, with its style."""
    about = f"<span>{escape(trace.about)}</span>" if trace.about else ""
    parts = [f'<style>{STYLE}</style><table class="scratchae-trace"><caption>{escape(heading(trace))}{about}</caption>']
    parts.append(
        '<thead><tr><th scope="col">equation</th><th scope="col">line</th><th scope="col">values</th></tr></thead>'
    )
    parts.append(f'<tbody>{_group("given")}<tr><td colspan="3">{_values(trace.inputs)}</td></tr>')
    phase = ""
    for step, equations in first_uses(trace.steps, trace.equations):
        if step.phase != phase:
            phase = step.phase
            parts.append(f"</tbody><tbody>{_group(phase)}")
        parts.append(_row(step, equations))
    return "\n".join([*parts, "</tbody></table>"])


def _group(name: str) -> str:
    return f'<tr><th scope="rowgroup" colspan="3">{name}</th></tr>'


def _row(step: Step, equations: dict[str, Equation]) -> str:
    labels = "".join(_label(label, equations.get(label)) for label in step.labels)
    place = f'<span class="place">{escape(place_of(step))}:{step.line}</span>'
    further = f"<div>… and {step.passes_left_out:,} further passes</div>" if step.passes_left_out else ""
    indent = f' style="padding-left: {0.6 + 1.2 * step.depth:.1f}em"'
    code = f"<code>{escape(step.code)}</code>"
    return f"<tr><td{indent}>{labels}</td><td>{code}<br>{place}</td><td>{_values(step.values)}{further}</td></tr>"


def _label(label: str, equation: Equation | None) -> str:
    return f"<div>({escape(label)}){drawing(equation.latex) if equation else ''}</div>"


def _values(values: list[Value]) -> str:
    return "".join(_of_value(values))


def _of_value(values: list[Value]) -> Iterator[str]:
    for value in values:
        size = f' <span class="size">{value.dtype} {value.shape}</span>' if value.shape else ""
        yield f"<div><code>{escape(value.name)} = {escape(shown(value))}</code>{size}</div>"
