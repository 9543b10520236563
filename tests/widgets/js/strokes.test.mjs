// The painter's arithmetic, without a browser: node --test tests/widgets/js
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  arrowHead,
  boxBetween,
  clampView,
  drawTrail,
  largestZoom,
  nextRadius,
  Outbox,
  parseColour,
  pressureOf,
  radiusToSlider,
  sliderToRadius,
  takesAway,
  tint,
  toImage,
  Trail,
  transformTo,
  visibleBox,
  WHOLE,
  zoomAt,
} from "../../../imgwidgets/widgets/static/strokes.js";

const RECT = { left: 50, top: 20, width: 800, height: 450 };
const SIZE = [3840, 2160];
const near = (one, other, least = 1e-9) => assert.ok(Math.abs(one - other) <= least, `${one} is not ${other}`);

test("at first view the corners of the canvas are the corners of the image", () => {
  assert.deepEqual(toImage(50, 20, RECT, WHOLE, SIZE), [0, 0]);
  assert.deepEqual(toImage(850, 470, RECT, WHOLE, SIZE), [3840, 2160]);
  assert.deepEqual(toImage(450, 245, RECT, WHOLE, SIZE), [1920, 1080]);
});

test("outside of the canvas positions go on linearly", () => {
  assert.deepEqual(toImage(50 - 80, 20 - 45, RECT, WHOLE, SIZE), [-384, -216]);
});

test("what is under the pointer stays there while zooming", () => {
  let view = WHOLE;
  const at = [610, 77];
  const before = toImage(...at, RECT, view, SIZE);
  for (const factor of [1.5, 3, 0.7, 2]) {
    view = zoomAt(view, (at[0] - RECT.left) / RECT.width, (at[1] - RECT.top) / RECT.height, factor, 64);
    const after = toImage(...at, RECT, view, SIZE);
    near(after[0], before[0], 1e-6);
    near(after[1], before[1], 1e-6);
  }
});

test("the viewport never leaves the picture", () => {
  assert.deepEqual(clampView({ left: -1, top: 5, zoom: 4 }, 16), { zoom: 4, left: 0, top: 0.75 });
  assert.deepEqual(clampView({ left: 0.3, top: 0.3, zoom: 0.2 }, 16), { zoom: 1, left: 0, top: 0 });
  assert.equal(clampView({ left: 0, top: 0, zoom: 99 }, 16).zoom, 16);
});

test("a large image can be seen at sixteen times its own pixels", () => {
  assert.equal(largestZoom(SIZE, 800), 76.8);
  assert.equal(largestZoom([100, 100], 480), 16);
});

test("drawing and pointing are each other's inverse", () => {
  const view = { left: 0.31, top: 0.12, zoom: 5 };
  const { a, d, e, f } = transformTo(view, SIZE, [RECT.width, RECT.height]);
  const [x, y] = toImage(333, 222, RECT, view, SIZE);
  near(x * a + e + RECT.left, 333, 1e-6);
  near(y * d + f + RECT.top, 222, 1e-6);
});

test("the visible part is whole pixels and covers the view", () => {
  assert.deepEqual(visibleBox(WHOLE, SIZE), [0, 0, 3840, 2160]);
  assert.deepEqual(visibleBox({ left: 0.5001, top: 0, zoom: 2 }, [100, 50]), [50, 0, 100, 25]);
});

test("only a pen has pressure", () => {
  assert.equal(pressureOf({ pointerType: "mouse", pressure: 0.5 }), 1);
  assert.equal(pressureOf({ pointerType: "touch", pressure: 0.3 }), 1);
  assert.equal(pressureOf({ pointerType: "pen", pressure: 1 }), 1);
  near(pressureOf({ pointerType: "pen", pressure: 0.5 }), 0.55);
  assert.equal(pressureOf({ pointerType: "pen", pressure: 0 }), 1);
});

test("the eraser, the right button and the pen's other end take away", () => {
  assert.ok(takesAway({ button: 0, buttons: 1 }, "eraser"));
  assert.ok(takesAway({ button: 2, buttons: 2 }, "brush"));
  assert.ok(takesAway({ button: 5, buttons: 32 }, "brush"));
  assert.ok(!takesAway({ button: 0, buttons: 1 }, "brush"));
});

test("brush sizes grow and shrink back, and stay in bounds", () => {
  assert.ok(nextRadius(30, 1, 500) > 30);
  assert.ok(nextRadius(30, -1, 500) < 30);
  assert.equal(nextRadius(0.5, -1, 500), 0.5);
  assert.equal(nextRadius(499, 1, 500), 500);
  for (let radius = 0.5; radius < 500; ) {
    const next = nextRadius(radius, 1, 500);
    assert.ok(next > radius, `stuck at ${radius}`);
    radius = next;
  }
});

test("the slider and the radius are each other's inverse", () => {
  for (const radius of [0.5, 4.5, 17, 90, 256]) near(sliderToRadius(radiusToSlider(radius, 256), 256), radius, 0.51);
});

test("a box can be drawn in any direction, and as a square", () => {
  assert.deepEqual(boxBetween([10, 20], [4, 50]), [4, 20, 10, 50]);
  assert.deepEqual(boxBetween([10, 20], [4, 50], true), [-20, 20, 10, 50]);
});

test("colours that are none do not break the overlay", () => {
  assert.deepEqual(parseColour("#0a0B0c"), [10, 11, 12]);
  assert.deepEqual(parseColour("url(x)"), [255, 0, 102]);
});

test("the overlay is colour where the mask is, and nothing elsewhere", () => {
  const pixels = tint(Uint8Array.of(0, 255, 128), 3, "overlay", [255, 0, 102], 0.5);
  assert.deepEqual([...pixels], [0, 0, 0, 0, 255, 0, 102, 128, 255, 0, 102, 64]);
});

test("the mask alone is white on black, and opaque", () => {
  const pixels = tint(Uint8Array.of(0, 255), 2, "mask", [255, 0, 102], 0.5);
  assert.deepEqual([...pixels], [0, 0, 0, 255, 255, 255, 255, 255]);
});

test("what will be sent has checks where it is transparent, and they meet across parts", () => {
  const all = tint(new Uint8Array(32).fill(255), 32, "sent", [0, 0, 0], 1);
  const part = tint(new Uint8Array(16).fill(255), 16, "sent", [0, 0, 0], 1, [16, 0]);
  assert.deepEqual([...all.slice(64)], [...part]);
  assert.notEqual(all[0], all[32]);
});

test("messages are numbered, kept until they are done, and sent again on request", () => {
  const sent = [];
  const outbox = new Outbox("me", (content) => sent.push(content.seq));
  for (const kind of ["a", "b", "c"]) outbox.send({ kind });
  assert.deepEqual(sent, [1, 2, 3]);
  outbox.done(1);
  outbox.again(1, 2);
  assert.deepEqual(sent, [1, 2, 3, 2]);
});

test("a trail sends each point once, and no point twice in a row", () => {
  const trail = new Trail();
  assert.ok(trail.add(1, 2));
  assert.ok(!trail.add(1, 2));
  trail.add(3, 4, 0.5);
  assert.deepEqual([...trail.take()], [1, 2, 1, 3, 4, 0.5]);
  assert.equal(trail.take().length, 0);
  trail.add(5, 6);
  assert.deepEqual([...trail.take()], [5, 6, 1]);
  assert.equal(trail.length, 3);
});

/** Records what is filled, as polygons, and tells what they cover: a point is in where they wind around it. */
class Pen {
  constructor() {
    this.polygons = [];
    this.fills = [];
  }
  beginPath() {
    this.path = [];
  }
  moveTo(x, y) {
    this.path.push([[x, y]]);
  }
  lineTo(x, y) {
    this.path.at(-1).push([x, y]);
  }
  closePath() {}
  arc(x, y, r, from, to, anticlockwise) {
    const turn = anticlockwise ? from - to : to - from;
    for (let step = 1; step < 90; step += 1) {
      const angle = from + (step / 90) * turn;
      this.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
    }
  }
  fill(rule) {
    assert.equal(rule, "nonzero");
    this.fills.push(this.path);
    this.polygons.push(...this.path);
  }
  covers(x, y) {
    return this.fills.some((path) => {
      let winds = 0;
      for (const polygon of path) {
        polygon.forEach(([x1, y1], index) => {
          const [x0, y0] = polygon.at(index - 1);
          if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) winds += y1 > y0 ? 1 : -1;
        });
      }
      return winds !== 0;
    });
  }
}

test("ink covers the hull of the discs along the trail", () => {
  for (const [w0, w1] of [[1, 1], [0.3, 1], [1, 0.2]]) {
    const trail = new Trail();
    trail.add(20, 30, w0);
    trail.add(90, 60, w1);
    const pen = new Pen();
    drawTrail(pen, trail, 15);
    let [wrong, covered] = [0, 0];
    for (let y = 0.5; y < 100; y += 1) {
      for (let x = 0.5; x < 120; x += 1) {
        // The hull of two discs is the union of all discs between them.
        let inside = false;
        for (let share = 0; share <= 1 && !inside; share += 0.004) {
          const r = 15 * (w0 + share * (w1 - w0));
          inside = Math.hypot(x - 20 - share * 70, y - 30 - share * 30) <= r;
        }
        covered += inside;
        wrong += inside !== pen.covers(x, y);
      }
    }
    assert.ok(wrong <= 0.01 * covered, `${wrong} of ${covered} pixels differ at widths ${w0} and ${w1}`);
  }
});

test("ink that is drawn in pieces is the ink drawn at once", () => {
  const trail = new Trail();
  const [pieces, whole] = [new Pen(), new Pen()];
  for (const [x, y] of [[10, 10], [40, 20], [60, 70]]) {
    const from = trail.length;
    trail.add(x, y);
    drawTrail(pieces, trail, 5, from);
  }
  drawTrail(whole, trail, 5);
  assert.deepEqual(pieces.polygons, whole.polygons);
});

test("what is drawn at a time is filled at once, so that its soft edges do not add up", () => {
  const trail = new Trail();
  for (let at = 0; at < 20; at += 1) trail.add(10 + 3 * at, 20 + at);
  const pen = new Pen();
  drawTrail(pen, trail, 8);
  assert.equal(pen.fills.length, 1);
  assert.equal(pen.polygons.length, 39);
});

test("an arrow's head is the kernel's, to a sixteenth of a pixel", () => {
  const [[x0, y0], tip, [x1, y1]] = arrowHead([0, 0], [100, 0], 4);
  assert.deepEqual(tip, [100, 0]);
  near(x0, 82.4375, 1 / 16);
  near(y0, 9.5625, 1 / 16);
  near(x1, 82.4375, 1 / 16);
  near(y1, -9.5625, 1 / 16);
});

test("a short arrow has a small head", () => {
  const [[x, y]] = arrowHead([0, 0], [0, 10], 30);
  near(Math.hypot(x, y - 10), 6, 1e-9);
});
