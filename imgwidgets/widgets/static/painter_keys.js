import { clamp } from "./strokes.js";
import { CLICKS, toolForKey } from "./painter_tools.js";

/** The keyboard on the picture: a crosshair that draws as the pointer does, and the tools' keys. */

const HELP =
  "Arrow keys move a crosshair, Enter puts the tool down and lifts it, Escape cancels, " +
  "[ and ] change the brush, Control Z takes back, M switches between mask and markup.";

export class Keys {
  constructor(surface, view, draw, hand) {
    this.surface = surface;
    this.view = view;
    this.draw = draw;
    this.hand = hand;
    const { ink } = view;
    ink.tabIndex = 0;
    ink.setAttribute("role", "application");
    ink.setAttribute("aria-roledescription", "painting area");
    this.name();
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (name, handler) => ink.addEventListener(name, handler.bind(this), { signal });
    on("keydown", this.key);
    on("keyup", (event) => event.code === "Space" && hand.holdSpace(false));
    on("blur", this.left);
  }

  remove() {
    this.listening.abort();
  }

  name() {
    this.view.ink.setAttribute("aria-label", `${this.surface.marking ? "Markup" : "Mask"}. ${HELP}`);
  }

  left() {
    this.view.ink.classList.remove("iwp-pointed");
    this.hand.holdSpace(false);
    if (this.view.crossed && this.draw.ink?.shape !== "polygon") this.draw.finish();
    this.view.crossAt(null);
  }

  /** Keys stay here, except the ones that leave: Tab, and saving the notebook. */
  key(event) {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.code === "KeyS") return;
    event.stopPropagation();
    if (event.key.startsWith("Arrow")) this.view.ink.classList.remove("iwp-pointed");
    if (event.key === "Tab" || !this.handle(event, command)) return;
    event.preventDefault();
  }

  /** @returns {boolean} whether the key meant something here */
  handle(event, command) {
    const { draw, view } = this;
    const letter = event.key.toLowerCase();
    if (command) {
      if (letter === "z") draw.command(event.shiftKey ? "redo" : "undo");
      else if (letter === "y") draw.command("redo");
      else if (letter === "a" && !this.surface.marking) draw.command("fill");
      else return false;
      return true;
    }
    const tool = event.altKey ? undefined : toolForKey(event.code, this.surface.mode);
    if (event.key.startsWith("Arrow")) this.arrow(event);
    else if (event.key === "[" || event.code === "BracketLeft") draw.resize(-1);
    else if (event.key === "]" || event.code === "BracketRight") draw.resize(1);
    else if (event.code === "Space") this.hand.holdSpace(true);
    else if (event.key === "Enter") this.enter();
    else if (event.key === "Escape") this.escape();
    else if (event.key === "Delete" || event.key === "Backspace") draw.command("clear");
    else if (event.key === "+" || event.key === "=") this.zoom(1.5);
    else if (event.key === "-") this.zoom(1 / 1.5);
    else if (event.key === "0") view.see({ zoom: 1, left: 0, top: 0 });
    else if (event.key === "1") this.zoom(1 / view.scale);
    else if (event.code === "KeyM") draw.turn(this.surface.marking ? "mask" : "markup");
    else if (letter === "i" && !this.surface.marking) draw.command("invert");
    else if (tool && (!tool.needs || this.surface.model.get("_can_select"))) draw.choose(tool.name);
    else return false;
    return true;
  }

  escape() {
    if (this.draw.ink) this.draw.cancel();
    else this.view.crossAt(null);
  }

  /** Show the crosshair; where the picture is zoomed in, the view goes along. */
  crosshair(at) {
    const { surface, view } = this;
    const { zoom, left, top } = view.viewport;
    const [x, y] = at.map((place, axis) => place / surface.size[axis]);
    const [near, far] = [0.05 / zoom, 0.95 / zoom];
    view.see({ zoom, left: clamp(left, x - far, x - near), top: clamp(top, y - far, y - near) });
    view.crossAt(at);
  }

  /** What is in the middle of the view, in image pixels. */
  get middle() {
    const { zoom, left, top } = this.view.viewport;
    const [width, height] = this.surface.size;
    return [(left + 0.5 / zoom) * width, (top + 0.5 / zoom) * height];
  }

  /** Zoom to the crosshair, or to the middle. */
  zoom(factor) {
    const { view } = this;
    const { left, top } = view.rect;
    const [x, y] = view.toStage(view.crossed ?? this.middle);
    view.zoom(factor, { clientX: left + x, clientY: top + y });
  }

  /** Move the crosshair; what is being drawn follows it, and with Alt a rectangle moves as a whole. */
  arrow(event) {
    const { draw, surface, view } = this;
    const [width, height] = surface.size;
    const step = Math.max(1, Math.max(width, height) / (100 * view.viewport.zoom)) * (event.shiftKey ? 5 : 1);
    const dx = { ArrowLeft: -step, ArrowRight: step }[event.key] ?? 0;
    const dy = { ArrowUp: -step, ArrowDown: step }[event.key] ?? 0;
    const before = view.crossed;
    const at = before ? draw.moved(before, dx, dy) : this.middle;
    this.crosshair(at);
    if (event.altKey && before && draw.ink?.path && draw.anchor) {
      draw.anchor = draw.anchor.map((place, axis) => place + at[axis] - before[axis]); // no further than the crosshair
    }
    if (draw.ink) draw.extend([[...at, 1]]);
  }

  enter() {
    const { draw, view } = this;
    if (!view.crossed) {
      if (draw.ink?.shape === "polygon") draw.finish();
      else this.crosshair(this.middle);
    } else if (draw.ink?.shape === "polygon") {
      draw.corner(view.crossed);
    } else if (draw.ink) {
      draw.finish();
    } else if (draw.tool !== "hand") {
      draw.begin(view.crossed, draw.tool === "eraser");
      if (CLICKS.includes(draw.tool)) draw.finish();
    }
  }
}
