import { radiusToSlider, sliderToRadius } from "./strokes.js";
import { make } from "./painter_view.js";

/** The controls above and below the picture. Their state is the model's; they only show and set it. */

// Drawn for this painter on a grid of 16: strokes of 1.5, round.
const ICONS = {
  brush: "M13.2 2.8 7.4 8.6M13.2 2.8a1.3 1.3 0 0 0-1.9 0L5.9 8.2l1.9 1.9 5.4-5.4a1.3 1.3 0 0 0 0-1.9ZM5.6 9.3c-1.6 0-2.1 1-2.2 2.1-.1.9-.6 1.4-1.2 1.6 1.8.6 5.2.5 5.2-1.9a1.8 1.8 0 0 0-1.8-1.8Z",
  eraser: "m6 13.2-3.4-3.4a1.2 1.2 0 0 1 0-1.7l5.6-5.6a1.2 1.2 0 0 1 1.7 0l3.5 3.5a1.2 1.2 0 0 1 0 1.7L7.8 13.2H6Zm-.6-7.9 5.2 5.2M9 13.2h4.6",
  rectangle: "M2.8 4h10.4v8H2.8Z",
  ellipse: "M8 3.6c3.2 0 5.6 2 5.6 4.4s-2.4 4.4-5.6 4.4S2.4 10.4 2.4 8 4.8 3.6 8 3.6Z",
  lasso: "M5.1 10.7C3.5 10 2.4 8.700 2.4 7.200c0-2.500 2.500-4.400 5.600-4.400s5.600 1.900 5.600 4.400-2.500 4.300-5.600 4.300c-.5 0-1 0-1.400-.1M5.100 10.700a1.400 1.400 0 1 0 1.500.7M5.600 12.700c.4.7.2 1.300-.6 1.700",
  polygon: "m8 2.600 5.400 4-2 6.400H4.600l-2-6.400Z",
  fill: "m7.200 2.600 5.200 5.200-4.800 4.800a1 1 0 0 1-1.400 0L2.400 8.800a1 1 0 0 1 0-1.400l4.800-4.800ZM5.600 1.400l1.600 1.600M2.200 8.200h9.600M13.600 10.200c.8 1 1.200 1.600 1.200 2.200a1.200 1.200 0 0 1-2.400 0c0-.6.4-1.200 1.200-2.200Z",
  hand: "M5.400 8.600V4.200a.9.9 0 0 1 1.800 0V7.400V3a.9.9 0 0 1 1.800 0v4.400V3.800a.9.9 0 0 1 1.800 0v4.400V5.600a.9.9 0 0 1 1.700 0v4.200c0 2.400-1.500 4-3.900 4-2 0-2.900-.8-3.900-2.400L3 8.800c-.6-1 .6-1.800 1.400-1l1 .8Z",
  undo: "M3 6.600h6.800a3.300 3.300 0 0 1 0 6.600H6.200M3 6.600l3.200-3.200M3 6.600l3.200 3.200",
  redo: "M13 6.600H6.200a3.300 3.300 0 0 0 0 6.600h3.600M13 6.600 9.800 3.400M13 6.600 9.800 9.800",
  clear: "M3 4.400h10M6.400 4.400V2.800h3.200v1.600M4.400 4.400l.6 8.800h6l.6-8.800M6.800 6.800v4M9.200 6.800v4",
  invert: "M2.800 2.800h10.400v10.400H2.800ZM5.200 13.200l8-8M2.800 10.800l8-8",
  adjust: "M2.600 4.800h5.600M11.800 4.800h1.600M2.600 11.200h1.600M7.800 11.200h5.600M10 6.600a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600ZM6 13a1.800 1.800 0 1 0 0-3.600A1.800 1.800 0 0 0 6 13Z",
  zoom_in: "M7 11.600a4.600 4.600 0 1 0 0-9.200 4.600 4.600 0 0 0 0 9.200ZM10.400 10.400l3.200 3.200M7 5.200v3.600M5.200 7h3.600",
  zoom_out: "M7 11.600a4.600 4.600 0 1 0 0-9.200 4.600 4.600 0 0 0 0 9.200ZM10.400 10.400l3.200 3.200M5.200 7h3.600",
};

const TOOLS = [
  ["brush", "Brush", "B. The right button erases; Shift-click draws a line"],
  ["eraser", "Eraser", "E"],
  ["rectangle", "Rectangle", "R. Shift: a square"],
  ["ellipse", "Ellipse", "O. Shift: a circle"],
  ["lasso", "Lasso", "L"],
  ["polygon", "Polygon", "P. Click the corners; double click to close"],
  ["fill", "Fill an enclosed area", "G"],
  ["hand", "Move the picture", "H, or hold Space"],
];

const SHOWS = [
  ["overlay", "Overlay", "The mask over the picture"],
  ["mask", "Mask", "The mask alone; white is edited"],
  ["sent", "Sent", "What will be sent: the edited area is transparent"],
];

const ADJUSTMENTS = [
  ["grow", "Grow", "Widen the mask by so many pixels"],
  ["shrink", "Shrink", "Narrow the mask by so many pixels"],
  ["feather", "Feather", "Soften the mask's edge over so many pixels"],
];

/** @param {string} name @returns {string} the icon's markup, from the constants above alone */
const icon = (name) =>
  `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="${ICONS[name]}"/></svg>`;

export class Toolbar {
  constructor(surface, view, hand, root) {
    this.surface = surface;
    this.view = view;
    this.hand = hand;
    this.model = surface.model;
    this.above = this.bar(root, "Painting tools");
    view.stage.before(this.above);
    this.below = this.bar(root, "View");
    this.tools = this.group("Tool", this.above);
    this.toolButtons = new Map(
      TOOLS.map(([name, label, hint]) => [name, this.button(this.tools, name, `${label} (${hint})`, () => hand.choose(name), label)]),
    );
    this.addSize();
    this.addCommands();
    this.addShow();
    this.addZoom();
    this.status = make("div", "iwp-status", this.below);
    this.status.setAttribute("role", "status");
    // Nothing typed here is a shortcut of the notebook.
    for (const bar of [this.above, this.below]) {
      bar.addEventListener("keydown", (event) => this.key(event));
    }
    view.onzoom = () => this.showZoom();
    this.update();
  }

  bar(root, label) {
    const bar = make("div", "iwp-bar", root);
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", label);
    return bar;
  }

  group(label, bar) {
    const group = make("div", "iwp-group", bar);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", label);
    return group;
  }

  button(group, name, title, act, label = title) {
    const button = make("button", "iwp-button", group);
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", label);
    button.innerHTML = icon(name);
    button.addEventListener("click", act);
    return button;
  }

  labelled(text, group) {
    const label = make("label", "iwp-label", group);
    label.append(text);
    return label;
  }

  addSize() {
    const group = this.group("Brush", this.above);
    this.size = make("input", "iwp-range", this.labelled("Size", group));
    Object.assign(this.size, { type: "range", min: "0", max: "1", step: "any", title: "Brush radius in image pixels ([ and ], Ctrl+wheel)" });
    this.size.addEventListener("input", () => this.hand.set("brush_radius", sliderToRadius(Number(this.size.value), this.largest)));
    this.radius = make("output", "iwp-value", group);
    this.radius.setAttribute("aria-hidden", "true"); // the slider says it
    this.soft = make("input", "iwp-range iwp-short", this.labelled("Softness", group));
    Object.assign(this.soft, { type: "range", min: "0", max: "1", step: "0.05", title: "How softly the brush's edge fades" });
    this.soft.addEventListener("input", () => this.hand.set("softness", Number(this.soft.value)));
  }

  addCommands() {
    const group = this.group("Mask", this.above);
    const command = (name, title, label) => this.button(group, name, title, () => this.hand.command(name), label);
    this.undo = command("undo", "Undo (Ctrl+Z)", "Undo");
    this.redo = command("redo", "Redo (Ctrl+Shift+Z)", "Redo");
    command("clear", "Clear the mask", "Clear the mask");
    command("invert", "Invert the mask (I)", "Invert the mask");
    this.more = this.button(group, "adjust", "Grow, shrink or feather the mask", () => this.toggleMore());
    this.panel = this.group("Adjust the mask", this.above);
    this.panel.classList.add("iwp-panel");
    this.panel.hidden = true;
    this.amount = make("input", "iwp-number", this.labelled("Pixels", this.panel));
    Object.assign(this.amount, { type: "number", min: "1", max: "500", value: "8" });
    for (const [name, label, title] of ADJUSTMENTS) {
      const button = make("button", "iwp-button iwp-text", this.panel);
      Object.assign(button, { type: "button", textContent: label, title });
      button.addEventListener("click", () => {
        if (this.amount.reportValidity()) this.hand.command(name, Number(this.amount.value));
      });
    }
    this.toggleMore(false);
  }

  toggleMore(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }

  addShow() {
    const group = this.group("Show", this.below);
    group.classList.add("iwp-segments");
    this.showButtons = new Map(
      SHOWS.map(([name, label, title]) => {
        const button = make("button", "iwp-button iwp-text", group);
        Object.assign(button, { type: "button", textContent: label, title });
        button.addEventListener("click", () => this.hand.set("show", name));
        return [name, button];
      }),
    );
    const look = this.group("Overlay", this.below);
    this.colour = make("input", "iwp-colour", look);
    Object.assign(this.colour, { type: "color", title: "Colour of the overlay" });
    this.colour.setAttribute("aria-label", "Colour of the overlay");
    this.colour.addEventListener("input", () => this.hand.set("overlay_color", this.colour.value));
    this.opacity = make("input", "iwp-range iwp-short", look);
    Object.assign(this.opacity, { type: "range", min: "0.1", max: "1", step: "0.05", title: "Opacity of the overlay" });
    this.opacity.setAttribute("aria-label", "Opacity of the overlay");
    this.opacity.addEventListener("input", () => this.hand.set("overlay_opacity", Number(this.opacity.value)));
  }

  addZoom() {
    const group = this.group("Zoom", this.below);
    const { view } = this;
    this.button(group, "zoom_out", "Zoom out (-)", () => view.zoom(1 / 1.5), "Zoom out");
    this.fit = make("button", "iwp-button iwp-text iwp-zoom", group);
    Object.assign(this.fit, { type: "button", title: "Show all of the picture (0)" });
    this.fit.addEventListener("click", () => view.see({ zoom: 1, left: 0, top: 0 }));
    this.button(group, "zoom_in", "Zoom in (+); Alt+wheel and pinch zoom too", () => view.zoom(1.5), "Zoom in");
    const actual = make("button", "iwp-button iwp-text", group);
    Object.assign(actual, { type: "button", textContent: "1:1", title: "One image pixel is one screen pixel (1)" });
    actual.addEventListener("click", () => view.zoom(1 / view.scale));
  }

  get largest() {
    return this.model.get("_largest_radius");
  }

  /** Undo works wherever the focus is in the painter; all else is the control's own. */
  key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.code === "KeyS") return;
    event.stopPropagation();
    if (command && ["z", "y"].includes(event.key.toLowerCase()) && event.target !== this.amount) {
      this.hand.handle(event, true);
      event.preventDefault();
    } else if (event.key === "Escape" && !this.panel.hidden) {
      this.toggleMore(false);
      this.more.focus({ preventScroll: true });
    }
  }

  showZoom() {
    const percent = `${Math.round(100 * this.view.scale)} %`;
    this.fit.textContent = percent;
    this.fit.setAttribute("aria-label", `Zoom ${percent}: show all of the picture`);
  }

  update() {
    const { model } = this;
    for (const [name, button] of this.toolButtons) button.setAttribute("aria-pressed", String(name === model.get("tool")));
    for (const [name, button] of this.showButtons) button.setAttribute("aria-pressed", String(name === model.get("show")));
    const radius = model.get("brush_radius");
    const text = `${Math.round(10 * radius) / 10} px`;
    if (document.activeElement !== this.size) this.size.value = String(radiusToSlider(radius, this.largest));
    this.size.setAttribute("aria-valuetext", text);
    this.radius.textContent = text;
    this.soft.value = String(model.get("softness"));
    this.undo.disabled = !model.get("_can_undo");
    this.redo.disabled = !model.get("_can_redo");
    this.colour.value = model.get("overlay_color");
    this.opacity.value = String(model.get("overlay_opacity"));
    this.view.stage.dataset.tool = model.get("tool");
    this.status.textContent = model.get("_status");
    this.view.showError(model.get("error"));
    this.showZoom();
  }
}
