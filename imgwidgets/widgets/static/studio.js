import { Compare } from "./studio_compare.js";
import { Inputs } from "./studio_inputs.js";
import { Pictures } from "./studio_kit.js";
import { Mode } from "./studio_mode.js";
import { Run } from "./studio_run.js";
import { Tabs } from "./studio_tabs.js";

/**
 * The parts of the Studio that are not widgets of their own. Python owns all state: it comes as one
 * plain object (`_state`), pictures come by message, and a part answers with `{do: ...}`.
 *
 *   to Python    hello; upload {token, name, part} + bytes; undo; redo; paint; remove {key};
 *                clear_mask; endpoint {endpoint}; run; stop; drop; tab {tab}; copied; other {step}; use
 *   from Python  picture {name} + bytes
 *
 * Modules, from the bottom up:
 *     studio_kit.js      elements, progress, pictures
 *     studio_upload.js   files in pieces
 *     studio_mode.js     Generate or Edit                studio_inputs.js   images to edit
 *     studio_run.js      the button and its progress     studio_tabs.js     tabs, code
 *     studio_compare.js  before and after
 */

const PARTS = { mode: Mode, inputs: Inputs, run: Run, tabs: Tabs, compare: Compare };

export default {
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    const name = model.get("_part");
    el.classList.add("iws-part", `iws-part-${name}`);
    const pictures = new Pictures();
    const part = new PARTS[name](model, el, pictures);
    const update = () => part.update(model.get("_state"));
    const receive = (message, buffers) => {
      if (message.kind !== "picture") return;
      pictures.set(message.name, buffers[0]);
      update();
    };
    model.on("change:_state", update);
    model.on("msg:custom", receive);
    update();
    model.send({ do: "hello" });
    return () => {
      model.off("change:_state", update);
      model.off("msg:custom", receive);
      part.close?.();
      pictures.clear();
    };
  },
};
