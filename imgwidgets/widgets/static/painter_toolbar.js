import { radiusToSlider, sliderToRadius } from "./strokes.js";
import { ADJUSTMENTS, icon, MODES, SHOWS, toolNamed, TOOLS } from "./painter_tools.js";
import { make } from "./painter_layers.js";

/** The controls above and below the picture. Their state is the model's; they only show and set it. */

const MINUS = 1 / 1.5;

/** What buttons, sliders and colour fields do something with themselves. */
const OWN_KEYS = /^(Arrow.*|Home|End|Page.*|Enter| |Tab|Escape|Delete|Backspace)$/;

export class Toolbar {
  constructor(surface, view, draw, keys, root) {
    this.surface = surface;
    this.view = view;
    this.draw = draw;
    this.keys = keys;
    this.model = surface.model;
    this.above = this.bar(root, "Painting tools");
    this.options = this.bar(root, "Options of the tool");
    this.below = this.bar(root, "View");
    view.stage.before(this.above, this.options);
    view.strip.before(this.below);
    this.result = make("div", "iwp-result", root);
    this.result.setAttribute("role", "status");
    view.strip.before(this.result);
    this.modeButtons = this.segments(this.above, "What is painted", MODES, (mode) => draw.turn(mode));
    this.addTools();
    this.addCommands();
    this.addOptions();
    this.showButtons = this.segments(this.below, "Show", SHOWS, (show) => draw.set({ show }));
    this.addOverlay();
    this.addZoom();
    this.status = make("div", "iwp-status", this.below);
    this.status.setAttribute("role", "status");
    // Nothing typed here is a shortcut of the notebook.
    for (const bar of [this.above, this.options, this.below]) {
      bar.addEventListener("keydown", (event) => this.key(event));
    }
    view.onzoom = () => this.showZoom();
    this.update();
  }

  // Parts

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

  textButton(group, textContent, title, act) {
    const button = make("button", "iwp-button iwp-text", group);
    Object.assign(button, { type: "button", textContent, title });
    button.addEventListener("click", act);
    return button;
  }

  /** Buttons of which one is pressed. @returns {Map<string, HTMLButtonElement>} */
  segments(bar, label, choices, act) {
    const group = this.group(label, bar);
    group.classList.add("iwp-segments");
    return new Map(choices.map(([name, text, title]) => [name, this.textButton(group, text, title, () => act(name))]));
  }

  labelled(text, group) {
    const label = make("label", "iwp-label", group);
    make("span", "", label).textContent = text;
    return label;
  }

  slider(parent, title, range, act) {
    const slider = make("input", "iwp-range", parent);
    Object.assign(slider, { type: "range", title, ...range });
    slider.addEventListener("input", () => act(Number(slider.value)));
    return slider;
  }

  /** A slider with its name before it and its value behind. */
  measure(group, text, title, range, act) {
    const slider = this.slider(this.labelled(text, group), title, range, act);
    const value = make("output", "iwp-value", group);
    value.setAttribute("aria-hidden", "true"); // the slider says it
    return { slider, value };
  }

  colourInput(parent, label, act) {
    const colour = make("input", "iwp-colour", parent);
    Object.assign(colour, { type: "color", title: label });
    colour.setAttribute("aria-label", label);
    colour.addEventListener("input", () => act(colour.value));
    return colour;
  }

  // What there is

  addTools() {
    const group = this.group("Tool", this.above);
    this.toolButtons = new Map(
      TOOLS.map((tool) => [tool.name, this.button(group, tool.name, "", () => this.draw.choose(tool.name), tool.label)]),
    );
  }

  addCommands() {
    const group = this.group("Steps", this.above);
    const command = (name, title, label) =>
      this.button(group, name, title, () => this.draw.command(name === "everything" ? "fill" : name), label);
    this.undo = command("undo", "Undo (Ctrl+Z)", "Undo");
    this.redo = command("redo", "Redo (Ctrl+Shift+Z)", "Redo");
    this.clear = command("clear", "", "Clear");
    this.everything = command("everything", "Select everything (Ctrl+A)", "Select everything");
    this.invert = command("invert", "Invert the mask (I)", "Invert the mask");
    this.more = this.button(group, "adjust", "Grow, shrink or feather the mask", () => this.toggleMore());
    this.more.setAttribute("aria-expanded", "false");
  }

  addOptions() {
    const { draw, options } = this;
    this.brush = this.group("Brush", options);
    this.colour = this.colourInput(this.brush, "Colour of the markup", (markup_color) => draw.set({ markup_color }));
    const resize = (share) => (draw.radius = sliderToRadius(share, draw.largest));
    const range = { min: "0", max: "1", step: "any" };
    this.size = this.measure(this.brush, "Size", "In image pixels ([ and ], Ctrl+wheel)", range, resize);
    this.brush.classList.add("iwp-option");
    this.soft = this.group("Edge", options);
    const soften = (softness) => draw.set({ softness });
    const fade = { min: "0", max: "1", step: "0.05" };
    this.softness = this.slider(this.labelled("Softness", this.soft), "How softly the brush's edge fades", fade, soften);
    this.softness.classList.add("iwp-short");
    this.wand = this.group("Wand", options);
    const tolerate = (tolerance) => draw.set({ tolerance });
    const levels = { min: "0", max: "128", step: "1" };
    this.tolerance = this.measure(this.wand, "Tolerance", "How far colours may be from the clicked one", levels, tolerate);
    this.hint = make("span", "iwp-hint", options);
    this.panel = this.group("Adjust the mask", options);
    this.panel.hidden = true;
    this.amount = make("input", "iwp-number", this.labelled("Pixels", this.panel));
    Object.assign(this.amount, { type: "number", min: "1", max: "500", step: "any", value: "8" });
    for (const [name, label, title] of ADJUSTMENTS) {
      this.textButton(this.panel, label, title, () => {
        if (this.amount.reportValidity()) draw.command(name, Number(this.amount.value));
      });
    }
  }

  toggleMore(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
    this.showOptions();
  }

  addOverlay() {
    const { draw } = this;
    this.overlay = this.group("Overlay", this.below);
    this.tint = this.colourInput(this.overlay, "Colour of the overlay", (overlay_color) => draw.set({ overlay_color }));
    const range = { min: "0.1", max: "1", step: "0.05" };
    const fade = (overlay_opacity) => draw.set({ overlay_opacity });
    this.opacity = this.slider(this.overlay, "Opacity of the overlay", range, fade);
    this.opacity.setAttribute("aria-label", "Opacity of the overlay");
    this.opacity.classList.add("iwp-short");
  }

  addZoom() {
    const group = this.group("Zoom", this.below);
    const { view } = this;
    this.button(group, "zoom_out", "Zoom out (-)", () => view.zoom(MINUS), "Zoom out");
    this.fit = this.textButton(group, "", "Show all of the picture (0)", () => view.see({ zoom: 1, left: 0, top: 0 }));
    this.fit.classList.add("iwp-zoom");
    this.button(group, "zoom_in", "Zoom in (+); Alt+wheel and pinch zoom too", () => view.zoom(1.5), "Zoom in");
    this.textButton(group, "1:1", "One image pixel is one screen pixel (1)", () => view.zoom(1 / view.scale));
  }

  // What they show

  /** Undo, tools and brush sizes work wherever the focus is in the painter; all else is the control's own. */
  key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.code === "KeyS") return;
    event.stopPropagation();
    if (event.key === "Escape" && !this.panel.hidden) {
      this.toggleMore(false);
      this.more.focus({ preventScroll: true });
    } else if (event.target !== this.amount && !OWN_KEYS.test(event.key) && this.keys.handle(event, command)) {
      event.preventDefault();
    }
  }

  showZoom() {
    const percent = `${Math.round(100 * this.view.scale)} %`;
    this.fit.textContent = percent;
    this.fit.setAttribute("aria-label", `Zoom ${percent}: show all of the picture`);
  }

  update() {
    const { model, surface } = this;
    const press = (buttons, pressed) => {
      for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === pressed));
    };
    press(this.modeButtons, surface.mode);
    press(this.toolButtons, model.get("tool"));
    press(this.showButtons, model.get("show"));
    for (const tool of TOOLS) this.showTool(tool, this.toolButtons.get(tool.name));
    this.enable(this.undo, model.get("_can_undo"));
    this.enable(this.redo, model.get("_can_redo"));
    this.clear.title = surface.marking ? "Take all marks away" : "Clear the mask";
    for (const button of [this.everything, this.invert, this.more]) button.hidden = surface.marking;
    if (surface.marking) this.toggleMore(false);
    this.showOptions();
    this.showButtons.get("overlay").parentElement.hidden = this.overlay.hidden = surface.marking;
    this.tint.value = model.get("overlay_color");
    this.opacity.value = String(model.get("overlay_opacity"));
    this.view.stage.dataset.tool = model.get("tool");
    this.status.textContent = model.get("_status");
    this.result.textContent = model.get("_result");
    this.view.showError(model.get("error"));
    this.showZoom();
  }

  /** A button that goes out with the focus on it would leave the focus, and the next keys, to the notebook. */
  enable(button, enabled) {
    if (!enabled && document.activeElement === button) this.view.ink.focus({ preventScroll: true });
    button.disabled = !enabled;
  }

  showTool(tool, button) {
    const missing = tool.needs && !this.model.get("_can_select");
    button.hidden = !tool.modes.includes(this.surface.mode);
    button.disabled = Boolean(missing);
    button.title = missing ? `${tool.label} ${tool.needs}` : `${tool.label} (${tool.key}). ${tool.hint}`;
  }

  showOptions() {
    const { draw, model, surface } = this;
    const tool = toolNamed(model.get("tool"));
    this.brush.hidden = !tool.line;
    this.colour.hidden = !surface.marking || tool.name === "eraser";
    this.soft.hidden = !tool.line || surface.marking;
    this.wand.hidden = tool.name !== "wand";
    this.hint.textContent = this.panel.hidden ? tool.hint : "";
    this.colour.value = model.get("markup_color");
    const size = (surface.marking ? 2 : 1) * draw.radius;
    this.say(this.size, `${Math.round(10 * size) / 10} px`, radiusToSlider(draw.radius, draw.largest));
    this.softness.value = String(model.get("softness"));
    this.say(this.tolerance, String(model.get("tolerance")), model.get("tolerance"));
  }

  say({ slider, value }, text, position) {
    if (document.activeElement !== slider) slider.value = String(position);
    slider.setAttribute("aria-valuetext", text);
    value.textContent = text;
  }
}
