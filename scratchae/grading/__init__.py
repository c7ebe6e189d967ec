"""Run and judge submissions: the parent keeps inputs, references and verdicts; the student's code returns numbers from a sandbox."""
