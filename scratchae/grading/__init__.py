"""Run and judge submissions: the parent keeps inputs, references and verdicts; the student's code returns numbers from a sandbox.

Each room stands above those that it imports, from the first to the last: `records` (what passes between them), `submissions`, `sandbox`,
`testing`, `diagnosis`, `marking`, `reports`, `gradescope`.
"""
