// What the Studio computes in the browser, without one: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import { progressOf, spoken } from "../../../imgwidgets/widgets/static/studio_kit.js";
import { filesIn, piecesOf } from "../../../imgwidgets/widgets/static/studio_upload.js";

test("the bar grows with every second, and is never full before the answer is there", () => {
  let before = -1;
  for (let elapsed = 0; elapsed < 300; elapsed += 1) {
    const { share } = progressOf(elapsed, 20);
    assert.ok(share > before && share < 1, `${share} after ${elapsed} s`);
    before = share;
  }
});

test("without a usual time there is no share, only the seconds", () => {
  assert.deepEqual(progressOf(7.4, null), { words: "7 s", share: null });
  assert.equal(progressOf(3, 90).words, "3 s · usually about 1 min 30 s");
  assert.equal(spoken(-2), "0 s");
});

test("the pieces of a file follow one another and make the whole file", () => {
  for (const size of [0, 1, 9, 10, 11, 95]) {
    const pieces = piecesOf(size, 10);
    assert.equal(pieces[0][0], 0);
    assert.equal(pieces.at(-1)[1], size);
    for (let i = 1; i < pieces.length; i += 1) assert.equal(pieces[i][0], pieces[i - 1][1]);
    assert.ok(pieces.every(([start, end]) => end - start <= 10));
  }
});

test("of what is pasted only images are taken, and text is left alone", () => {
  const files = [{ type: "image/png" }, { type: "text/plain" }, { type: "application/pdf" }];
  assert.deepEqual(filesIn({ files }), [files[0]]);
  assert.deepEqual(filesIn(null), []);
});
