// Where things go in the result grid, without a browser: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  captionLines, columnsFor, frameRatio, line, plural, step, zoomAt,
} from "../../../imgwidgets/widgets/static/grid_kit.js";

test("every width gives columns that fit, and no tile is left alone in a second row", () => {
  for (let width = 1; width < 3000; width += 37) {
    for (const count of [1, 2, 3, 4, 5, 7, 12, 1000]) {
      const columns = columnsFor(width, count);
      assert.ok(columns >= 1 && columns <= count);
      assert.ok(columns === 1 || (width - (columns - 1) * 12) / columns >= 150, `${columns} in ${width}`);
    }
  }
  assert.equal(columnsFor(576, 4), 2);
  assert.equal(columnsFor(900, 4), 4);
  assert.equal(columnsFor(0, 4), 1);
});

test("arrow keys stay inside the grid, whose rows may differ in length", () => {
  for (const rows of [[4, 4, 2], [3, 1, 4, 2], [1]]) {
    const count = rows.reduce((sum, length) => sum + length);
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]) {
      for (let at = 0; at < count; at += 1) {
        const goal = step(key, false, at, rows);
        assert.ok(goal >= 0 && goal < count, `${key} from ${at} leads to ${goal}`);
      }
    }
  }
  assert.equal(step("ArrowDown", false, 1, [4, 4, 2]), 5);
  assert.equal(step("ArrowDown", false, 7, [4, 4, 2]), 9); // the last row is short
  assert.equal(step("ArrowDown", false, 9, [4, 4, 2]), 9);
  assert.equal(step("ArrowUp", false, 4, [3, 1, 4]), 3);
  assert.equal(step("Home", true, 9, [4, 4, 2]), 0);
  assert.equal(step("End", false, 4, [4, 4, 2]), 7);
  assert.equal(step("x", false, 4, [4, 4, 2]), -1);
  assert.equal(step("ArrowDown", false, 0, []), -1);
});

test("tiles of one shape share a frame of that shape, others a square", () => {
  assert.equal(frameRatio([{ width: 1536, height: 1024 }, { width: 768, height: 512 }]), 1.5);
  assert.equal(frameRatio([{ width: 1536, height: 1024 }, { width: 512, height: 512 }]), 1);
  assert.equal(frameRatio([{ width: 3000, height: 1000 }]), 2);
  assert.equal(frameRatio([]), 1);
});

test("the point under the pointer stays where it is while zooming", () => {
  const view = { scale: 0.5, x: 30, y: -20 };
  const zoomed = zoomAt(view, 2, 100, 60);
  for (const [axis, pointer] of [["x", 100], ["y", 60]]) {
    assert.equal((pointer - view[axis]) / view.scale, (pointer - zoomed[axis]) / zoomed.scale);
  }
});

test("captions get the lines that the longest needs, and no more than two", () => {
  assert.deepEqual(captionLines([{ prompt: "", facts: "" }], 200), { prompt: 0, facts: 0 });
  assert.deepEqual(captionLines([{ prompt: "a fox", facts: "64×48" }], 200), { prompt: 1, facts: 1 });
  assert.equal(captionLines([{ prompt: "x".repeat(32000), facts: "" }], 200).prompt, 2);
});

test("facts break between each other and not within", () => {
  assert.equal(line(["3.2 s", "low"]), "3.2\u00a0s\u00a0· low");
  assert.equal(plural(1, "image"), "1 image");
  assert.equal(plural(0, "image"), "0 images");
});
