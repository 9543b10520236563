/**
 * Files on their way to Python: in pieces, one after another, since servers refuse large messages.
 */

export const PIECE = 1 << 20;
export const LARGEST = 64 << 20;

/**
 * Where the pieces of a file begin and end; an empty file has one.
 * @param {number} size bytes
 * @param {number} [piece]
 */
export function piecesOf(size, piece = PIECE) {
  const found = [];
  for (let start = 0; start === 0 || start < size; start += piece) {
    found.push([start, Math.min(size, start + piece)]);
  }
  return found;
}

/**
 * The images among what was dropped or pasted; text is left to whoever wants it.
 * @param {DataTransfer | null} transfer
 * @returns {File[]}
 */
export function filesIn(transfer) {
  const files = [...(transfer?.files ?? [])];
  return files.filter((file) => file.type.startsWith("image/") || file.type === "");
}

/**
 * Send files; the promise ends when all have been handed over.
 * @param {any} model
 * @param {File[]} files
 */
export async function upload(model, files) {
  for (const file of files) {
    const token = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const about = { do: "upload", token, name: file.name };
    // Of a file that is too large one byte goes: Python says why it is not taken.
    const pieces = file.size > LARGEST ? [[0, 1]] : piecesOf(file.size);
    for (const [start, end] of pieces) {
      const buffer = await file.slice(start, end).arrayBuffer();
      model.send({ ...about, part: [start, file.size] }, undefined, [buffer]);
    }
  }
}
