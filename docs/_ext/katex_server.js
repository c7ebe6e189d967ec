// Renders formulas with KaTeX, one JSON object per line: {"tex", "display"} in, {"html"} or {"error"} out. The argument is KaTeX's folder.
"use strict";
const katex = require(require("path").resolve(process.argv[2], "dist", "katex.js"));
const lines = require("readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const trust = (context) => context.command === "\\htmlData";
    answer = { html: katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "ignore", trust }) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
