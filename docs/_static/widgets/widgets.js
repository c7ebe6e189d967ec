"use strict";
/* Parts that the widgets share: elements, sliders, numbers and plots; and mounting.

   A widget is a function that fills an element. It is registered under a name and mounted on each <div class="sae-widget" data-widget="name">,
   whose content, a static figure, it replaces. Without JavaScript, the figure stays. */
var SaeWidgets = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  let counter = 0;

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  /** A number with a true minus sign, which has the width of a digit. */
  const written = (value, digits = 2) => (Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value).toFixed(digits).replace("-", "−");

  /** A labelled slider. `onInput` is called when a person moves it, not when `set` does. */
  function slider({ label, low, high, step = 0.01, value, text = (number) => written(number), onInput }) {
    const id = `sae-${(counter += 1)}`;
    const input = element("input", { type: "range", id, min: low, max: high, step, value });
    const output = element("output", { htmlFor: id });
    let exact = value; // the input rounds to its step
    const show = () => {
      output.textContent = text(exact);
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      exact = input.valueAsNumber;
      show();
      onInput(exact);
    });
    const set = (number) => {
      exact = number;
      input.value = number;
      show();
    };
    show();
    return { element: element("div", { className: "sae-slider" }, element("label", { htmlFor: id }, label), input, output), input, set, get value() { return exact; } };
  }

  function button(text, onClick) {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", onClick);
    return made;
  }

  function checkbox(text, checked, onChange) {
    const input = element("input", { type: "checkbox", checked });
    input.addEventListener("change", () => onChange(input.checked));
    return element("label", {}, input, text);
  }

  /** Radio buttons with a legend; options are pairs of value and text. */
  function choice(legend, options, value, onChange) {
    const name = `sae-${(counter += 1)}`;
    const labels = options.map(([option, text]) => {
      const input = element("input", { type: "radio", name, value: option, checked: option === value });
      input.addEventListener("change", () => onChange(option));
      return element("label", {}, input, text);
    });
    return element("fieldset", { className: "sae-buttons" }, element("legend", {}, legend), ...labels);
  }

  /** A list of numbers: entries are [name, text, colour of the key or ""]. */
  function numbers(entries) {
    const values = {};
    const list = element("dl", { className: "sae-numbers" });
    for (const [name, text, colour] of entries) {
      values[name] = element("dd");
      values[name].dataset.number = name;
      const term = element("dt", {}, ...(colour ? [element("span", { className: `sae-key ${colour}` })] : []), text);
      list.append(element("div", {}, term, values[name]));
    }
    return { element: list, set: (name, text) => (values[name].textContent = text) };
  }

  /** A plot that is drawn anew at each change. `draw` gets this object; methods take data coordinates. */
  class Plot {
    constructor({ label, height, x, y, margin = [8, 10, 34, 10] }, draw) {
      this.svg = document.createElementNS(SVG, "svg");
      this.svg.setAttribute("role", "img");
      this.svg.setAttribute("aria-label", label);
      Object.assign(this, { tall: height, xs: x, ys: y, margin, draw });
      new ResizeObserver(() => this.update()).observe(this.svg);
    }
    update() {
      this.width = this.svg.clientWidth;
      if (this.width === 0) return;
      this.height = typeof this.tall === "function" ? this.tall(this.width) : this.tall;
      this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
      this.svg.setAttribute("height", this.height);
      this.svg.replaceChildren();
      this.draw(this);
    }
    px(x) {
      const [, right, , left] = this.margin;
      return left + ((x - this.xs[0]) / (this.xs[1] - this.xs[0])) * (this.width - left - right);
    }
    py(y) {
      const [top, , bottom] = this.margin;
      return this.height - bottom - ((y - this.ys[0]) / (this.ys[1] - this.ys[0])) * (this.height - top - bottom);
    }
    add(tag, attributes, text = "") {
      const made = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
      made.textContent = text;
      this.svg.append(made);
      return made;
    }
    path(points) {
      return points.map(([x, y], i) => `${i ? "L" : "M"}${this.px(x).toFixed(2)} ${this.py(y).toFixed(2)}`).join("");
    }
    line(points, style) {
      return this.add("path", { d: this.path(points), class: `line ${style}` });
    }
    area(points, style = "", base = 0) {
      const closed = [[points[0][0], base], ...points, [points[points.length - 1][0], base]];
      return this.add("path", { d: `${this.path(closed)}Z`, class: `fill ${style}` });
    }
    polygon(points, style) {
      return this.add("path", { d: `${this.path(points)}Z`, class: style });
    }
    rectangle(x0, x1, y0, y1, style) {
      return this.polygon([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], `fill ${style}`);
    }
    dot(x, y, style, r = 4.5) {
      return this.add("circle", { cx: this.px(x), cy: this.py(y), r, class: `dot ${style}` });
    }
    arrow(from, to, style) {
      const [a, b] = [[this.px(from[0]), this.py(from[1])], [this.px(to[0]), this.py(to[1])]];
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const length = Math.hypot(dx, dy);
      if (length < 1) return;
      const [ux, uy, size] = [dx / length, dy / length, Math.min(7, length)];
      const [cx, cy] = [b[0] - size * ux, b[1] - size * uy];
      this.add("path", { d: `M${a[0]} ${a[1]}L${cx} ${cy}`, class: `line ${style}` });
      this.add("path", { d: `M${b[0]} ${b[1]}L${cx - 0.6 * size * uy} ${cy + 0.6 * size * ux}L${cx + 0.6 * size * uy} ${cy - 0.6 * size * ux}Z`, class: `head ${style}` });
    }
    text(x, y, text, { anchor = "middle", dy = 0, dx = 0, style = "" } = {}) {
      return this.add("text", { x: this.px(x) + dx, y: this.py(y) + dy, "text-anchor": anchor, class: style }, text);
    }
    /** The horizontal axis at the lower edge, with ticks and a name. */
    axis(ticks, name) {
      const low = this.ys[0];
      this.line([[this.xs[0], low], [this.xs[1], low]], "axis thin");
      for (const tick of ticks) {
        this.add("path", { d: `M${this.px(tick)} ${this.py(low)}v4`, class: "line axis thin" });
        this.text(tick, low, written(tick, 0), { dy: 16 });
      }
      if (name) this.text(this.xs[1], low, name, { anchor: "end", dy: 31 });
    }
  }

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** Call show(frame) for each frame of a movement, or for the last one only if the person prefers less motion. */
  function play(frames, show, speed = 2) {
    let i = 0;
    let stopped = false;
    const next = () => {
      if (stopped) return;
      i = calm() ? frames.length - 1 : Math.min(i + speed, frames.length - 1);
      show(frames[i]);
      if (i < frames.length - 1) requestAnimationFrame(next);
    };
    next();
    return () => (stopped = true);
  }

  const kinds = {};

  function mount() {
    for (const place of document.querySelectorAll(".sae-widget[data-widget]")) {
      const make = kinds[place.dataset.widget];
      if (!make || place.classList.contains("sae-mounted")) continue;
      const inside = element("div");
      place.sae = make(inside);
      place.classList.add("sae-mounted");
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", inside.querySelector(".sae-title").textContent);
      place.replaceChildren(...inside.childNodes);
      place.sae.update();
    }
  }

  function register(name, make) {
    kinds[name] = make;
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mount, { once: true });
    else mount();
  }

  return { element, written, slider, button, checkbox, choice, numbers, Plot, play, register };
})();
