/**
 * The painter's tools and buttons, as data: what they are called, which key chooses them, how they look.
 *
 * @typedef {{name: string, label: string, key: string, code: string, hint: string, modes: string[],
 *            line?: boolean, needs?: string}} Tool
 *     `code` is the physical key, so that it is found on every layout; `line` tells that it is drawn with
 *     the pen's width; `needs` names what must be installed.
 */

const BOTH = ["mask", "markup"];
const OPENCV = 'needs OpenCV: pip install "imgwidgets[select]"';

/** @type {Tool[]} */
export const TOOLS = [
  { name: "brush", label: "Brush", key: "B", code: "KeyB", modes: BOTH, line: true, hint: "Right button erases; Shift-click: a line" },
  { name: "eraser", label: "Eraser", key: "E", code: "KeyE", modes: BOTH, line: true, hint: "Takes away what is painted" },
  { name: "arrow", label: "Arrow", key: "A", code: "KeyA", modes: ["markup"], line: true, hint: "Drag from the tail to the tip" },
  { name: "rectangle", label: "Rectangle", key: "R", code: "KeyR", modes: ["mask"], hint: "Drag a box; with Shift a square" },
  { name: "ellipse", label: "Ellipse", key: "O", code: "KeyO", modes: ["mask"], hint: "Drag a box around it; with Shift a circle" },
  { name: "lasso", label: "Lasso", key: "L", code: "KeyL", modes: ["mask"], hint: "Drag around the area" },
  { name: "polygon", label: "Polygon", key: "P", code: "KeyP", modes: ["mask"], hint: "Click the corners; double click to close" },
  { name: "fill", label: "Fill an enclosed area", key: "G", code: "KeyG", modes: ["mask"], hint: "Click inside a closed outline" },
  { name: "wand", label: "Magic wand", key: "W", code: "KeyW", modes: ["mask"], needs: OPENCV, hint: "Click a colour: the area like it is selected" },
  { name: "box", label: "Smart box", key: "S", code: "KeyS", modes: ["mask"], needs: OPENCV, hint: "Drag a box around an object: its outline is found" },
  { name: "hand", label: "Move the picture", key: "H", code: "KeyH", modes: BOTH, hint: "Drag the picture; holding Space does it with every tool" },
];

const named = new Map(TOOLS.map((tool) => [tool.name, tool]));

/** @param {string} name @returns {Tool} */
export const toolNamed = (name) => named.get(name) ?? TOOLS[0];

/** The tool that a physical key chooses. @param {string} code @param {string} mode */
export const toolForKey = (code, mode) => TOOLS.find((tool) => tool.code === code && tool.modes.includes(mode));

/** The tool to go on with in another mode. @param {string} name @param {string} mode */
export const toolIn = (mode, name) => (toolNamed(name).modes.includes(mode) ? name : "brush");

/** The tools that paint along the pointer's way. */
export const BRUSHES = ["brush", "eraser"];

/** The tools that need one click. */
export const CLICKS = ["fill", "wand"];

/** What the kernel needs a moment for: these have no ink, only an outline until the answer is there. */
export const FOUND = ["wand", "box"];

export const MODES = [
  ["mask", "Mask", "Paint a mask: the area that is edited"],
  ["markup", "Markup", "Draw a markup: coloured strokes and arrows that tell what to do"],
];

export const SHOWS = [
  ["overlay", "Overlay", "The mask over the picture"],
  ["mask", "Mask only", "The mask alone; white is edited"],
  ["sent", "Sent", "What will be sent: the edited area is transparent"],
];

export const ADJUSTMENTS = [
  ["grow", "Grow", "Widen the mask by so many pixels"],
  ["shrink", "Shrink", "Narrow the mask by so many pixels"],
  ["feather", "Feather", "Soften the mask's edge over so many pixels"],
];

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
  arrow: "M3 13 13 3M7.200 3H13v5.800",
  wand: "m2.600 13.400 7-7M11 2.200v2.200M9.900 3.300h2.200M13.400 6.200v1.800M12.500 7.100h1.800M6.800 2.400v1.600M6 3.200h1.600M8.400 5.200l2.400 2.400",
  box: "M2.800 5V2.800H5M11 2.800h2.200V5M13.200 11v2.200H11M5 13.200H2.800V11M8 5.200a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600Z",
  undo: "M3 6.600h6.800a3.300 3.300 0 0 1 0 6.600H6.200M3 6.600l3.200-3.200M3 6.600l3.200 3.200",
  redo: "M13 6.600H6.200a3.300 3.300 0 0 0 0 6.600h3.600M13 6.600 9.800 3.400M13 6.600 9.800 9.800",
  clear: "M3 4.400h10M6.400 4.400V2.800h3.200v1.600M4.400 4.400l.6 8.800h6l.6-8.800M6.800 6.800v4M9.200 6.800v4",
  everything: "M2.800 2.800h10.400v10.400H2.800ZM6 6h4v4H6ZM7.400 8h1.200",
  invert: "M2.800 2.800h10.400v10.400H2.800ZM5.200 13.200l8-8M2.800 10.800l8-8",
  adjust: "M2.600 4.800h5.600M11.800 4.800h1.600M2.600 11.200h1.600M7.800 11.200h5.600M10 6.600a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600ZM6 13a1.800 1.800 0 1 0 0-3.600A1.800 1.800 0 0 0 6 13Z",
  zoom_in: "M7 11.600a4.600 4.600 0 1 0 0-9.200 4.600 4.600 0 0 0 0 9.200ZM10.400 10.400l3.200 3.200M7 5.200v3.600M5.200 7h3.600",
  zoom_out: "M7 11.600a4.600 4.600 0 1 0 0-9.200 4.600 4.600 0 0 0 0 9.200ZM10.400 10.400l3.200 3.200M5.200 7h3.600",
};

/** @param {string} name @returns {string} the icon's markup, from the constants above alone */
export const icon = (name) =>
  `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="${ICONS[name]}"/></svg>`;
