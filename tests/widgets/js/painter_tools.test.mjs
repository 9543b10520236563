// The painter's tools, as data: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import { icon, MODES, toolForKey, toolIn, toolNamed, TOOLS } from "../../../imgwidgets/widgets/static/painter_tools.js";

test("each tool has a name, a picture and a mode, and in a mode a key of its own", () => {
  for (const tool of TOOLS) {
    assert.ok(tool.label && tool.hint);
    assert.doesNotMatch(icon(tool.name), /undefined/);
    assert.ok(tool.modes.length);
  }
  for (const [mode] of MODES) {
    const codes = TOOLS.filter((tool) => tool.modes.includes(mode)).map((tool) => tool.code);
    assert.equal(new Set(codes).size, codes.length);
  }
});

test("a key chooses a tool of the present mode only", () => {
  assert.equal(toolForKey("KeyL", "mask").name, "lasso");
  assert.equal(toolForKey("KeyL", "markup"), undefined);
  assert.equal(toolForKey("KeyA", "markup").name, "arrow");
});

test("a tool that both modes have stays, and another one gives way to the brush", () => {
  assert.equal(toolIn("markup", "eraser"), "eraser");
  assert.equal(toolIn("markup", "lasso"), "brush");
  assert.equal(toolNamed("lasso").label, "Lasso");
});
