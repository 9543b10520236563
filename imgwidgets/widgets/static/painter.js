import { Draw } from "./painter_draw.js";
import { Hand } from "./painter_hand.js";
import { Keys } from "./painter_keys.js";
import { make } from "./painter_layers.js";
import { Surface } from "./painter_surface.js";
import { Toolbar } from "./painter_toolbar.js";
import { View } from "./painter_view.js";

/**
 * The painter's companion: it shows ipycanvas' canvas inside itself with ink above it, so that what is
 * drawn is seen at once, whatever the kernel is doing. The kernel's mask is the truth; ink goes away
 * when the kernel has it.
 *
 * Modules, from the bottom up:
 *     strokes.js           arithmetic and the numbered outbox; no DOM
 *     painter_tools.js     tools and buttons, as data
 *     painter_layers.js    ipycanvas' layers, or their stand-in
 *     painter_surface.js   what all views of a painter share: layers, mask, ink, messages
 *     painter_view.js      one view: canvases, cursor, zoom
 *     painter_draw.js      what becomes of a gesture: strokes, shapes, marks
 *     painter_hand.js      mouse, pen, fingers
 *     painter_keys.js      the keyboard
 *     painter_toolbar.js   the controls
 */

const LOOKS = ["show", "overlay_color", "overlay_opacity"];
const CONTROLS = [
  "mode", "tool", "brush_radius", "softness", "tolerance", "markup_color", "markup_width", "error", ...LOOKS,
  "_largest_radius", "_can_undo", "_can_redo", "_can_select", "_status", "_result",
];

/** anywidget calls this once for each widget model in a page. */
export default function () {
  /** @type {Surface | null} */
  let surface = null;

  async function render({ model, el }) {
    const root = make("div", "iwp iwp-live", el);
    surface ??= new Surface(model);
    const mine = surface;
    const view = new View(mine, root);
    const draw = new Draw(mine, view);
    const hand = new Hand(mine, view, draw);
    const keys = new Keys(mine, view, draw, hand);
    const toolbar = new Toolbar(mine, view, draw, keys, root);
    const giveKeysBack = keepKeys(root);
    view.radius = () => (hand.space ? 0 : draw.ring);
    await mine.ready;
    await view.attach();

    const receive = (message, buffers) => {
      // Every view hears every message; one of them hands it on.
      if ([...mine.views][0] === view) mine.receive(message, buffers);
    };
    const look = () => mine.soon();
    const control = () => {
      toolbar.update();
      view.drawRing();
    };
    const resize = () => view.shape();
    const turn = () => {
      draw.cancel();
      keys.name();
      view.turn();
      mine.soon();
    };
    model.on("msg:custom", receive);
    model.on("change:_display", resize);
    model.on("change:mode", turn);
    for (const name of LOOKS) model.on(`change:${name}`, look);
    for (const name of CONTROLS) model.on(`change:${name}`, control);
    const stopWatching = watchPlainViews(mine, view, el);
    toolbar.update();
    view.showOthers();
    mine.hello();

    return () => {
      stopWatching();
      giveKeysBack();
      model.off("msg:custom", receive);
      model.off("change:_display", resize);
      model.off("change:mode", turn);
      for (const name of LOOKS) model.off(`change:${name}`, look);
      for (const name of CONTROLS) model.off(`change:${name}`, control);
      for (const part of [draw, hand, keys, view]) part.remove();
    };
  }

  return { render };
}

/**
 * Keep the notebook's shortcuts away from the painter's keys, but for saving. JupyterLab takes none from an
 * element with this attribute or from inside it; the focused element needs it too, since some of its
 * shortcuts ask for nothing but a focus.
 */
function keepKeys(root) {
  const all = [root, ...root.querySelectorAll("button, input, .iwp-ink")];
  const keep = (kept) => {
    for (const one of all) one.toggleAttribute("data-lm-suppress-shortcuts", kept);
  };
  const save = (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.code !== "KeyS" || !root.contains(event.target)) return;
    keep(false);
    setTimeout(() => keep(true)); // when this key has been everywhere
  };
  keep(true);
  window.addEventListener("keydown", save, { capture: true });
  return () => window.removeEventListener("keydown", save, { capture: true });
}

/** Beside the companion stands ipycanvas' own view, hidden for a few seconds; it is not needed here. */
function watchPlainViews(surface, view, el) {
  let watcher = null;
  let frame = 0;
  const look = () => {
    const box = el.closest(".imgwidgets-painter");
    if (!box) {
      frame = requestAnimationFrame(look); // not in the page yet
      return;
    }
    const sweep = () => surface.removePlainViews(box, view.shown);
    watcher = new MutationObserver(sweep);
    watcher.observe(box, { childList: true });
    sweep();
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    watcher?.disconnect();
  };
}
