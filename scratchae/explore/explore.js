/* The controls and the drawing of the decoded output. The state consists of the code z and the class k only. */

const SLIDERS = 50; // shown initially; a button shows all
const STEPS = 120; // per slider
const byId = (id) => document.getElementById(id);
const clip = (value, low, high) => Math.min(Math.max(value, low), high);

const model = JSON.parse(byId("description").textContent);
model.parameters = Object.fromEntries(
  Object.entries(JSON.parse(byId("parameters").textContent)).map(([name, text]) => [name, fromBase64(text)]),
);
const J = model.centre.length;
const symbol = model.prior ? "z" : "h"; // as in docs/notation.md
const z = Float64Array.from(model.centre);
let k = 0; // index of the class, if there are any
let x; // decoded output for z
const followers = []; // functions that display the state

/** Decode the code and update the display. */
function follow() {
  x = decode(model, z, k);
  followers.forEach((show) => show());
}

function moveTo(code) {
  z.set(code);
  follow();
}

/** Format a number with as many decimals as a range of that width needs. */
function written(value, width) {
  const text = value.toFixed(clip(2 - Math.floor(Math.log10(width)), 0, 6));
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** A decoded value in the units of the data. */
const inUnits = (value, j) => (model.units === null ? value : model.units.mean[j] + model.units.scale[j] * value);

const rounded = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

/* The decoded output: an image, or a bar for each feature. */

/** 255 is white, the low end of the range; 0 is black, its high end. */
function grey(value) {
  const [low, high] = model.value_range;
  return Math.round(255 * (1 - clip((value - low) / (high - low), 0, 1)));
}

/** Draw an image into pixels, its upper left corner at (left, top). */
function drawImage(pixels, values, left = 0, top = 0) {
  const [height, width] = model.image_shape;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const level = grey(inUnits(values[row * width + column], row * width + column));
      pixels.data.set([level, level, level, 255], 4 * ((top + row) * pixels.width + left + column));
    }
  }
}

function showImage() {
  const [height, width] = model.image_shape;
  const canvas = byId("image");
  Object.assign(canvas, { width, height, hidden: false });
  canvas.style.setProperty("--aspect", width / height);
  canvas.setAttribute("aria-label", `Decoded image, ${height} by ${width} pixels`);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  followers.push(() => {
    drawImage(pixels, x);
    context.putImageData(pixels, 0, 0);
  });
  const [low, high] = model.value_range;
  byId("white").textContent = rounded(low);
  byId("black").textContent = rounded(high);
  byId("scale").hidden = false;
}

function showBars() {
  const canvas = byId("bars");
  const [low, high] = model.value_range;
  const names = model.feature_names.length ? model.feature_names : Array.from(x, (_, j) => `x[${j}]`);
  const few = names.length <= 24; // bars wide enough for a name below each
  byId("chart").hidden = false;
  const place = (value) => 1 - clip((value - low) / (high - low), 0, 1); // fraction of the height, from the top
  const ticks = [low, high, ...(Math.abs(place(0) - 0.5) < 0.4 ? [0] : [])]; // zero, unless it is close to another tick
  for (const value of ticks) {
    const tick = element("span", { textContent: rounded(value) });
    tick.style.top = `${100 * place(value)}%`;
    byId("axis").append(tick);
  }
  byId("names").classList.toggle("each", few);
  for (const name of few ? names : [names[0], names[names.length - 1]]) {
    byId("names").append(element("span", { textContent: name, title: name }));
  }
  const numbers = few ? names.map(() => element("b")) : []; // the value of each feature, in the units of the data
  numbers.forEach((number, j) => byId("names").children[j].append(number));
  const writtenInUnits = (value, j) => written(inUnits(value, j), (high - low) * (model.units === null ? 1 : model.units.scale[j]));
  const draw = () => {
    const context = canvas.getContext("2d");
    const [width, height] = [canvas.width / x.length, canvas.height];
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = getComputedStyle(canvas).color;
    // Draw the bar from zero (which is in the range) to the value.
    x.forEach((value, j) => {
      context.fillRect((j + 0.1) * width, height * place(value), 0.8 * width, height * (place(0) - place(value)));
    });
    const texts = few ? Array.from(x, writtenInUnits) : [];
    texts.forEach((text, j) => (numbers[j].textContent = text));
    const values = texts.map((text, j) => `${names[j]} ${text}`).join(", ");
    canvas.setAttribute("aria-label", `Decoded features, ${x.length} bars. ${values}`);
  };
  followers.push(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => {
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    draw();
  }).observe(canvas);
}

/* Sliders. */

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** Create a labelled slider from low to high that shows `get()` and calls `set(value)`. */
function makeSlider(id, label, low, high, get, set) {
  const input = element("input", { type: "range", id, min: low, max: high, step: (high - low) / STEPS });
  const output = element("output", { htmlFor: id });
  input.addEventListener("input", () => {
    set(input.valueAsNumber);
    follow();
  });
  followers.push(() => {
    const text = written(get(), high - low);
    input.value = get();
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  });
  return element("div", { className: "slider" }, element("label", { htmlFor: id }, label), input, output);
}

function makeLatentSlider(j) {
  const set = (value) => (z[j] = value);
  const slider = makeSlider(`latent-${j}`, `${symbol}[${j}]`, model.low[j], model.high[j], () => z[j], set);
  const share = model.influence[j] / Math.max(...model.influence) || 0;
  const bar = element("span", { className: "influence", ariaHidden: "true" });
  bar.style.setProperty("--share", `${100 * share}%`);
  slider.querySelector("label").append(bar);
  return slider;
}

function showLatentSliders() {
  const order = [...model.influence.keys()];
  if (J > 2) order.sort((a, b) => model.influence[b] - model.influence[a]);
  const place = document.querySelector("#latents .sliders");
  place.append(...order.slice(0, SLIDERS).map(makeLatentSlider));
  byId("latents-title").textContent = model.prior ? "Latent variables" : "Code";
  const ordering = J > 2 ? "; dimensions with the largest effect come first" : "";
  byId("latents-note").textContent =
    `Counted from 0, as in Python. The bar below a name shows how much that dimension changes the output${ordering}.`;
  const all = byId("all");
  all.hidden = J <= SLIDERS;
  all.textContent = `Show all ${J} dimensions`;
  all.addEventListener("click", () => {
    place.append(...order.slice(SLIDERS).map(makeLatentSlider));
    all.hidden = true;
    follow();
  });
}

/** The value of an attribute is the coordinate t of the code along its direction v, measured from the centre. Its slider moves the code along v only. */
function makeAttributeSlider({ name, direction: v, low, high }, index) {
  const dot = (a, b) => a.reduce((sum, a_j, j) => sum + a_j * b[j], 0);
  const get = () => dot(z.map((z_j, j) => z_j - model.centre[j]), v) / dot(v, v);
  const set = (t) => {
    const change = t - get();
    v.forEach((v_j, j) => (z[j] += change * v_j));
  };
  return makeSlider(`attribute-${index}`, name, low, high, get, set);
}

function showAttributes() {
  byId("attributes").hidden = model.attributes.length === 0;
  document.querySelector("#attributes .sliders").append(...model.attributes.map(makeAttributeSlider));
}

/* The class. */

function showClasses() {
  byId("classes").hidden = false;
  model.classes.forEach((label, index) => {
    const input = element("input", { type: "radio", name: "class", id: `class-${index}`, checked: index === k });
    input.addEventListener("change", () => {
      k = index;
      if (J === 2) drawBackdrop();
      follow();
    });
    byId("classes").append(element("label", {}, input, element("span", { textContent: label })));
  });
}

/* The plane of two latent dimensions: the first increases to the right, the second upwards. */

const at = (share, j) => model.low[j] + share * (model.high[j] - model.low[j]);
const shareOf = (value, j) => clip((value - model.low[j]) / (model.high[j] - model.low[j]), 0, 1);

/** Decode the plane on a grid: each small image is decoded at the centre of its cell. */
function drawBackdrop() {
  if (model.image_shape === null) return;
  const [height, width] = model.image_shape;
  const cost = model.layers.reduce((sum, layer) => sum + layer.d_in * layer.d_out, 0);
  const n = clip(Math.floor(Math.sqrt(1e8 / cost)), 5, 13); // limited by the cost of decoding
  const [wide, tall] = [width + 1, height + 1]; // with a gap
  const canvas = Object.assign(byId("backdrop"), { width: n * wide, height: n * tall });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const code = [at((column + 0.5) / n, 0), at(1 - (row + 0.5) / n, 1)];
      drawImage(pixels, decode(model, code, k), column * wide, row * tall);
    }
  }
  context.putImageData(pixels, 0, 0);
}

function moveByPointer(event) {
  const box = byId("plane").getBoundingClientRect();
  const across = clip((event.clientX - box.left) / box.width, 0, 1);
  const down = clip((event.clientY - box.top) / box.height, 0, 1);
  moveTo([at(across, 0), at(1 - down, 1)]);
}

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function moveByKey(event) {
  if (event.key === "Home") moveTo(model.centre);
  else if (event.key in ARROWS) {
    const size = (event.shiftKey ? 10 : 2) / STEPS;
    moveTo(ARROWS[event.key].map((sign, j) => at(clip(shareOf(z[j], j) + sign * size, 0, 1), j)));
  } else return;
  event.preventDefault(); // otherwise the page scrolls
}

function showPlane() {
  const plane = byId("plane");
  byId("plane-part").hidden = false;
  byId("right").textContent = `${symbol}[0] →`;
  byId("up").textContent = `↑ ${symbol}[1]`;
  byId("rings").hidden = byId("rings-note").hidden = !model.prior;
  plane.style.setProperty("--centre-x", `${100 * shareOf(model.centre[0], 0)}%`);
  plane.style.setProperty("--centre-y", `${100 * (1 - shareOf(model.centre[1], 1))}%`);
  drawBackdrop();
  plane.addEventListener("pointerdown", (event) => {
    plane.setPointerCapture(event.pointerId);
    moveByPointer(event);
  });
  plane.addEventListener("pointermove", (event) => {
    if (plane.hasPointerCapture(event.pointerId)) moveByPointer(event);
  });
  plane.addEventListener("keydown", moveByKey);
  followers.push(() => {
    byId("marker").style.left = `${100 * shareOf(z[0], 0)}%`;
    byId("marker").style.top = `${100 * (1 - shareOf(z[1], 1))}%`;
    const [a, b] = Array.from(z, (value, j) => written(value, model.high[j] - model.low[j]));
    plane.setAttribute("aria-label", `Latent plane, at ${a} to the right and ${b} upwards`);
  });
}

/* Buttons. */

/** Draw a standard normal number (Box and Muller, 1958). */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** Draw from the prior; without a prior, from a normal distribution around the centre, within the ranges of the sliders. */
function draw() {
  const code = z.map((_, j) => model.centre[j] + model.spread[j] * normal());
  return model.prior ? code : code.map((value, j) => clip(value, model.low[j], model.high[j]));
}

byId("random").textContent = model.prior ? "Sample the prior" : "Random code";
byId("random").addEventListener("click", () => moveTo(draw()));
byId("centre").addEventListener("click", () => moveTo(model.centre));

x = decode(model, z, k);
if (model.image_shape === null) showBars();
else showImage();
if (model.classes !== null) showClasses();
if (J === 2) showPlane();
showAttributes();
showLatentSliders();
follow();

/* For tests and for the console: scratchae.decode(z, k) decodes z (k: index of the class, if there are classes),
   scratchae.moveTo(z) sets the code; z, k and x are the current code, class and output. */
window.scratchae = {
  model,
  decode: (code, index = 0) => Array.from(decode(model, code, index)),
  moveTo,
  get z() { return Array.from(z); },
  get k() { return k; },
  get x() { return Array.from(x); },
};
