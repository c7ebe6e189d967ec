"""The rules: each looks at the evidence, and says what it establishes or nothing."""
