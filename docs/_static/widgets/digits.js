"use strict";
/* A canvas to draw a digit on: its pixels, code and reconstruction by three models, and a walk through a model's latent space from there. */
SaeWidgets.register("digits", (root) => {
  const { element, written, slider, button, choice } = SaeWidgets;
  const { bitmap, pixels, masked, unpacked, encode, decode, squaredError } = SaeNumbers.digits;
  const NAMES = ["basic", "denoising", "variational"];
  const models = Object.fromEntries(NAMES.map((name) => [name, unpacked(SAE_DIGITS.models[name])]));
  const N = 8; // pixels to a side
  const CELLS = 7; // images to a side of the pad
  const CANVAS = 256;
  const state = { strokes: [], clean: SAE_DIGITS.examples[3].map((value) => value / 16), hidden: 0, walking: "variational", z: [] };
  const seen = () => masked(state.clean, state.hidden);
  const model = () => models[state.walking];
  const ranges = () => model().centre.map((c, j) => (model().variational ? [-3, 3] : [c - 3 * model().spread[j], c + 3 * model().spread[j]]));

  /* Images: ink is dark on light, as in the figures; style sheets invert it in the dark. */

  function smallCanvas(label, side = N) {
    const made = element("canvas", { className: "pixels", width: side, height: side });
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", label);
    return made;
  }
  function put(canvas, x, left = 0, top = 0) {
    const image = new ImageData(N, N);
    x.forEach((value, i) => image.data.set([...new Array(3).fill(Math.round(255 * (1 - value))), 255], 4 * i));
    canvas.getContext("2d").putImageData(image, left, top);
  }

  /* The drawing. */

  const canvas = element("canvas", { className: "pad", width: CANVAS, height: CANVAS, tabIndex: 0 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Drawing area. Draw with a pointer; or arrow keys move the pen, space puts it down and lifts it, delete clears.");
  const pen = { x: CANVAS / 2, y: CANVAS / 4, down: false };
  const paint = () => {
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, CANVAS, CANVAS);
    if (state.strokes.length === 0) {
      const small = element("canvas", { width: N, height: N });
      put(small, state.clean);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, CANVAS, CANVAS);
    }
    Object.assign(context, { lineWidth: 30, lineCap: "round", lineJoin: "round", strokeStyle: "#000" });
    for (const stroke of state.strokes) {
      context.beginPath();
      stroke.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (stroke.length === 1) context.lineTo(stroke[0][0] + 0.01, stroke[0][1]);
      context.stroke();
    }
    if (document.activeElement === canvas && canvas.matches(":focus-visible")) {
      Object.assign(context, { lineWidth: 3, strokeStyle: pen.down ? "#c00" : "#777" });
      context.beginPath();
      context.arc(pen.x, pen.y, 15, 0, 2 * Math.PI);
      context.stroke();
    }
  };
  const drawn = () => {
    state.clean = pixels(bitmap(state.strokes));
    restart();
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * CANVAS, ((event.clientY - box.top) / box.height) * CANVAS];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    state.strokes.push([at(event)]);
    drawn();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    state.strokes[state.strokes.length - 1].push(at(event));
    drawn();
  });
  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const clip = (value, low, high) => Math.max(low, Math.min(high, value));
  const clear = () => {
    Object.assign(state, { strokes: [], clean: new Array(N * N).fill(0) });
    pen.down = false;
    restart();
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.key in ARROWS) {
      [pen.x, pen.y] = [pen.x, pen.y].map((place, k) => clip(place + 12 * ARROWS[event.key][k], 16, CANVAS - 16));
      if (pen.down) state.strokes[state.strokes.length - 1].push([pen.x, pen.y]);
      pen.down ? drawn() : paint();
    } else if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) state.strokes.push([[pen.x, pen.y]]);
      pen.down ? drawn() : paint();
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault(); // otherwise the page scrolls
  });
  for (const name of ["focus", "blur"]) canvas.addEventListener(name, () => paint());
  const example = (k) => {
    Object.assign(state, { strokes: [], clean: SAE_DIGITS.examples[k].map((value) => value / 16) });
    pen.down = false;
    restart();
  };

  /* Input and reconstructions. */

  const input = smallCanvas("The drawing as 8 × 8 pixels, as the models get it");
  const outputs = Object.fromEntries(NAMES.map((name) => [name, smallCanvas(`Reconstruction by the ${name} model`)]));
  const captions = Object.fromEntries(NAMES.map((name) => [name, element("figcaption")]));
  const hiding = slider({
    label: "hidden pixels", low: 0, high: 0.7, step: 0.05, value: 0, text: (value) => `${Math.round(100 * value)} %`,
    onInput: (hidden) => {
      state.hidden = hidden;
      restart();
    },
  });

  /* The walk. */

  const walked = smallCanvas("The image decoded from the code");
  const backdrop = element("canvas", { width: CELLS * (N + 1) - 1, height: CELLS * (N + 1) - 1, ariaHidden: "true" });
  const marker = element("span");
  const pad = element("div", { className: "sae-pad", tabIndex: 0 }, backdrop, marker);
  pad.setAttribute("role", "application");
  const padNote = element("p", { className: "sae-note" });
  const sliderPlace = element("div", { className: "sae-sliders" });
  const deviations = element("p", { className: "sae-note" });
  let sliders = [];
  const plane = () => model().order.slice(0, 2);
  const walk = (z) => {
    state.z = z;
    update();
  };
  const moved = (changes) => walk(state.z.map((value, j) => (j in changes ? changes[j] : value)));
  const moveInPlane = (shares) => {
    const bounds = ranges();
    moved(Object.fromEntries(plane().map((j, k) => [j, bounds[j][0] + clip(shares[k], 0, 1) * (bounds[j][1] - bounds[j][0])])));
  };
  const shares = () => plane().map((j) => (state.z[j] - ranges()[j][0]) / (ranges()[j][1] - ranges()[j][0]));
  const byPointer = (event) => {
    const box = backdrop.getBoundingClientRect();
    moveInPlane([(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height]);
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    byPointer(event);
  });
  pad.addEventListener("pointermove", (event) => pad.hasPointerCapture(event.pointerId) && byPointer(event));
  pad.addEventListener("keydown", (event) => {
    if (!(event.key in ARROWS)) return;
    const [dx, dy] = ARROWS[event.key];
    moveInPlane(shares().map((share, k) => clip(share, 0, 1) + 0.04 * [dx, -dy][k]));
    event.preventDefault();
  });
  const buildSliders = () => {
    const bounds = ranges();
    sliders = model().order.map((j) => [j, slider({
      label: `z[${j}]${model().active[j] ? "" : ", inactive"}`, low: bounds[j][0], high: bounds[j][1], step: "any", value: 0,
      onInput: (value) => moved({ [j]: value }),
    })]);
    sliderPlace.replaceChildren(...sliders.map(([, made]) => made.element));
    padNote.textContent = `The plane of z[${plane()[0]}], to the right, and z[${plane()[1]}], upwards: the two entries that change the image most. Small images: the code there, decoded.`;
  };
  const radios = choice("Walk through the code of the model:", NAMES.map((name) => [name, name]), state.walking, (name) => {
    state.walking = name;
    buildSliders();
    restart();
  });
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const fromPrior = button("Draw a code from the prior", () => walk(state.z.map(normal)));

  /** Show what follows from the code z. */
  function update() {
    put(walked, decode(model(), state.z));
    const bounds = ranges();
    const [right, up] = plane();
    for (let row = 0; row < CELLS; row++) {
      for (let column = 0; column < CELLS; column++) {
        const z = [...state.z];
        z[right] = bounds[right][0] + ((column + 0.5) / CELLS) * (bounds[right][1] - bounds[right][0]);
        z[up] = bounds[up][1] - ((row + 0.5) / CELLS) * (bounds[up][1] - bounds[up][0]);
        put(backdrop, decode(model(), z), column * (N + 1), row * (N + 1));
      }
    }
    const [x, y] = shares().map((share) => clip(share, 0, 1));
    Object.assign(marker.style, { left: `${100 * x}%`, top: `${100 * (1 - y)}%` });
    pad.setAttribute("aria-label", `Latent plane, at ${written(state.z[right])} to the right and ${written(state.z[up])} upwards; arrow keys move`);
    for (const [j, made] of sliders) made.set(state.z[j]);
  }

  /** Encode the drawing again, and return to its code. */
  function restart() {
    paint();
    put(input, seen());
    for (const name of NAMES) {
      const image = decode(models[name], encode(models[name], seen()).code);
      put(outputs[name], image);
      captions[name].textContent = `${name}: error ${written(squaredError(image, state.clean))}`;
    }
    const { code, logvar } = encode(model(), seen());
    fromPrior.hidden = logvar === null;
    deviations.textContent = logvar === null ? "The code is a point; nothing says which other codes are likely."
      : `The code is the mean of q(z|x). Standard deviations of q: ${model().order.map((j) => `z[${j}] ${written(Math.exp(logvar[j] / 2))}`).join(", ")}.`;
    walk(code);
  }

  root.append(
    element("p", { className: "sae-title" }, "Draw a digit, and walk from it through latent space"),
    element("p", { className: "sae-note" }, "The drawing is brought to the height of the data and reduced to 8 × 8 pixels. Errors are squared, against the whole drawing, in pixels²."),
    element("div", { className: "sae-grid two" },
      element("div", {}, element("div", { className: "sae-drawing" }, canvas),
        element("div", { className: "sae-buttons" }, button("Clear", clear)),
        element("fieldset", { className: "sae-buttons" }, element("legend", {}, "Test images:"),
          ...SAE_DIGITS.examples.map((_image, k) => {
            const made = button(`${k}`, () => example(k));
            made.setAttribute("aria-label", `Test image of a ${k}`);
            return made;
          }))),
      element("div", {},
        element("div", { className: "sae-images" },
          element("figure", {}, input, element("figcaption", {}, "what the models get")),
          ...NAMES.map((name) => element("figure", {}, outputs[name], captions[name]))),
        hiding.element,
        element("p", { className: "sae-note" }, "Hide some pixels: the denoising model was trained to restore them."))),
    radios,
    element("div", { className: "sae-grid two" },
      element("div", {}, pad, padNote),
      element("div", {}, element("p", { className: "sae-note" }, "The image decoded from the code, and the code:"), element("div", { className: "sae-walk" }, walked), sliderPlace)),
    deviations,
    element("div", { className: "sae-buttons" }, button("Back to the code of the drawing", () => restart()), fromPrior),
  );
  buildSliders();
  return { state, update: () => restart(), models, seen, walk };
});
