"""Run and grade submissions: the parent keeps inputs, references and verdicts; the student's code returns numbers from a sandbox.

Each package imports only those before it in this order: `records` (data passed between the packages), `submissions`, `sandbox`,
`testing`, `diagnosis`, `marking`, `reports`, `gradescope`.
"""
