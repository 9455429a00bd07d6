// Whether a camera still looks where it was placed: a coarse grid of edge directions, taken when it was placed, is laid over the one of now, and the shift, zoom and turn that
// fit best are found. Brightness is not in it, so day and night, fog and another exposure look alike; medians over several pictures leave nobody in it who passes.
// Source of the double angle: Granlund 1978 (a direction and its opposite are one edge). No clock, no state but buffers.
import type { ViewMark } from '../../contract/sight.ts';
import type { SightLuma } from './sightLuma.ts';

/** Edges of one picture: two numbers a cell, strength (0..1) times cosine and sine of twice the edge's angle. Row by row from the top. */
export type EdgeField = { columns: number; rows: number; cosines: Float32Array; sines: Float32Array };

/** How the view of now lies against the mark. */
export type ViewFit = {
  /** Of the picture's width, to the right and down: where the marked things are seen now. */
  rightShare: number; downShare: number;
  /** 0.02: things look 2 % larger than when it was placed. */
  zoomShare: number;
  rotationDeg: number;
  /** 1: every marked edge is there; about 0: another place. */
  agreement: number;
  /** The same without any shift. */
  agreementInPlace: number;
};

/** Difference of brightness across a cell, of its brightness, that counts as a full edge. */
const FULL_EDGE = 0.15, DARKNESS_FLOOR = 20;
/** One mark cell is this many luma cells wide and high. */
const CELL = 2;
const DIRECTIONS = 16, STRENGTHS = 15;
/** Cells of the mark weaker than this are noise and are not compared; of the others at most this many, the strongest. */
const STRENGTH_LEAST = 3, COMPARED_MOST = 500, COMPARED_LEAST = 40;
/** Shifts that are tried, cells each way: 6 % of the width. */
const REACH = 5, SHIFTS = 2 * REACH + 1;
const PATCH_COLUMNS = 4, PATCH_ROWS = 3, PATCHES = PATCH_COLUMNS * PATCH_ROWS;

export function edgeField(luma: SightLuma, into: EdgeField | null = null): EdgeField {
  const columns = luma.columns / CELL, rows = luma.rows / CELL, width = luma.columns, { brightness } = luma, masked = luma.masked?.cells ?? null;
  const field = into !== null && into.columns === columns && into.rows === rows ? into : { columns, rows, cosines: new Float32Array(columns * rows), sines: new Float32Array(columns * rows) };
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // Four gradients by cross differences inside the 2 x 2 cells and towards their neighbours.
      const x = Math.min(width - 3, Math.max(1, column * CELL)), y = Math.min(luma.rows - 3, Math.max(1, row * CELL));
      const cell = row * columns + column;
      // The side of a privacy mask is no edge of the view: it stays where it is when the camera turns.
      if (masked !== null && (masked[y * width + x] === 1 || masked[y * width + x + 1] === 1 || masked[(y + 1) * width + x] === 1 || masked[(y + 1) * width + x + 1] === 1)) { field.cosines[cell] = field.sines[cell] = 0; continue; }
      let across = 0, along = 0, light = 0;
      for (let k = 0; k < 4; k++) {
        const at = (y + (k >> 1)) * width + x + (k & 1);
        const right = brightness[at + 1]! - brightness[at - 1]!, down = brightness[at + width]! - brightness[at - width]!;
        across += right * right - down * down;
        along += 2 * right * down;
        light += brightness[at]!;
      }
      const size = Math.sqrt(across * across + along * along);
      // size is four times the square of twice the difference across one cell.
      const strength = size === 0 ? 0 : Math.min(1, Math.sqrt(size) / 4 / (light / 4 + DARKNESS_FLOOR) / FULL_EDGE) / size;
      field.cosines[cell] = across * strength;
      field.sines[cell] = along * strength;
    }
  }
  return field;
}

/** What stays over several pictures: the median of each cell. */
export function markOf(fields: readonly EdgeField[], calibrationVersion: number): ViewMark {
  const { columns, rows } = fields[0]!, bytes = new Uint8Array(columns * rows);
  const some = new Float32Array(fields.length), middle = (of: 'cosines' | 'sines', cell: number) => { for (let n = 0; n < fields.length; n++) some[n] = fields[n]![of][cell]!; return some.sort()[fields.length >> 1]!; };
  for (let cell = 0; cell < bytes.length; cell++) {
    const cosine = middle('cosines', cell), sine = middle('sines', cell);
    const strength = Math.round(Math.min(1, Math.hypot(cosine, sine)) * STRENGTHS);
    const direction = Math.round(Math.atan2(sine, cosine) / (2 * Math.PI) * DIRECTIONS + DIRECTIONS) % DIRECTIONS;
    bytes[cell] = strength === 0 ? 0 : (direction << 4) | strength;
  }
  return { calibrationVersion, columns, rows, edgesBase64: Buffer.from(bytes).toString('base64') };
}

/** The mark made ready for comparing, without what a mask has covered since it was taken (`masked`: by luma cells); null when it has too few edges to say anything, or was made for another shape of picture. */
export function markComparer(mark: ViewMark, shape: { columns: number; rows: number }, masked: Uint8Array | null = null): ((field: EdgeField) => ViewFit) | null {
  const bytes = Buffer.from(mark.edgesBase64, 'base64'), { columns, rows } = mark;
  if (bytes.length !== columns * rows || columns !== shape.columns || rows !== shape.rows) return null;
  const strong = [...bytes.keys()].filter((cell) => {
    const row = Math.floor(cell / columns), column = cell % columns;
    return masked?.[row * CELL * columns * CELL + column * CELL] !== 1 && (bytes[cell]! & 15) >= STRENGTH_LEAST && row >= REACH && row < rows - REACH && column >= REACH && column < columns - REACH;
  }).toSorted((a, b) => (bytes[b]! & 15) - (bytes[a]! & 15)).slice(0, COMPARED_MOST);
  if (strong.length < COMPARED_LEAST) return null;
  const patchOfCell = (cell: number) => Math.min(PATCH_ROWS - 1, Math.floor(Math.floor(cell / columns) / rows * PATCH_ROWS)) * PATCH_COLUMNS + Math.min(PATCH_COLUMNS - 1, Math.floor((cell % columns) / columns * PATCH_COLUMNS));
  // Patch by patch, each from its first to before the next one's.
  const cells = Int32Array.from(strong.toSorted((a, b) => patchOfCell(a) - patchOfCell(b) || a - b)), cosines = new Float32Array(cells.length), sines = new Float32Array(cells.length);
  const weights = new Float64Array(PATCHES), firsts = new Int32Array(PATCHES + 1);
  for (const [n, cell] of cells.entries()) {
    const strength = (bytes[cell]! & 15) / STRENGTHS, angle = (bytes[cell]! >> 4) / DIRECTIONS * 2 * Math.PI;
    cosines[n] = strength * Math.cos(angle);
    sines[n] = strength * Math.sin(angle);
    const patch = patchOfCell(cell);
    weights[patch]! += strength;
    firsts[patch + 1]!++;
  }
  for (let patch = 0; patch < PATCHES; patch++) firsts[patch + 1]! += firsts[patch]!;
  // Where the patch's own marked cells lie, from the middle of the picture.
  const centres = Array.from({ length: PATCHES }, () => ({ x: 0, y: 0, count: 0 }));
  for (const cell of cells) { const centre = centres[patchOfCell(cell)]!; centre.x += cell % columns; centre.y += Math.floor(cell / columns); centre.count++; }
  for (const centre of centres) if (centre.count > 0) { centre.x = centre.x / centre.count - (columns - 1) / 2; centre.y = centre.y / centre.count - (rows - 1) / 2; }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const surfaces = new Float64Array(PATCHES * SHIFTS * SHIFTS), acrossWeights = new Float64Array(4), alongWeights = new Float64Array(4);

  return ({ cosines: nowCosines, sines: nowSines }) => {
    for (let down = -REACH; down <= REACH; down++) {
      for (let right = -REACH; right <= REACH; right++) {
        const offset = down * columns + right, at = (down + REACH) * SHIFTS + right + REACH;
        for (let patch = 0; patch < PATCHES; patch++) {
          let sum = 0;
          for (let n = firsts[patch]!, end = firsts[patch + 1]!; n < end; n++) { const cell = cells[n]! + offset; sum += cosines[n]! * nowCosines[cell]! + sines[n]! * nowSines[cell]!; }
          surfaces[patch * SHIFTS * SHIFTS + at] = sum;
        }
      }
    }
    const inPlace = agreementAt(0, 0, 0, 0);
    let best = { right: 0, down: 0, zoom: 0, turn: 0, value: inPlace };
    // All shifts, then zooms and turns, then finer around the best.
    for (let down = -REACH; down <= REACH; down++) for (let right = -REACH; right <= REACH; right++) better(right, down, 0, 0);
    const { right, down } = best;
    for (const zoom of [-0.06, -0.04, -0.02, 0.02, 0.04, 0.06, 0]) for (const turn of [-0.06, -0.04, -0.02, 0.02, 0.04, 0.06, 0]) better(right, down, zoom, turn);
    for (let part = 1; part > 0.1; part /= 2) {
      for (let again = true, rounds = 0; again && rounds < 4; rounds++) {
        const { value } = best;
        better(best.right + part, best.down, best.zoom, best.turn); better(best.right - part, best.down, best.zoom, best.turn);
        better(best.right, best.down + part, best.zoom, best.turn); better(best.right, best.down - part, best.zoom, best.turn);
        better(best.right, best.down, best.zoom + part * 0.02, best.turn); better(best.right, best.down, best.zoom - part * 0.02, best.turn);
        better(best.right, best.down, best.zoom, best.turn + part * 0.02); better(best.right, best.down, best.zoom, best.turn - part * 0.02);
        again = best.value > value;
      }
    }
    return { rightShare: best.right / columns, downShare: best.down / columns, zoomShare: best.zoom, rotationDeg: best.turn * 180 / Math.PI, agreement: best.value, agreementInPlace: inPlace };

    function better(right: number, down: number, zoom: number, turn: number): void {
      const value = agreementAt(right, down, zoom, turn);
      if (value > best.value) best = { right, down, zoom, turn, value };
    }
  };

  /** Each patch moves by what the whole does at its middle; between whole shifts its surface is read by cubic splines (Catmull-Rom), beyond its reach it agrees in nothing. */
  function agreementAt(right: number, down: number, zoom: number, turn: number): number {
    let sum = 0;
    for (let patch = 0; patch < PATCHES; patch++) {
      if (weights[patch] === 0) continue;
      const { x, y } = centres[patch]!;
      const atX = right + zoom * x - turn * y + REACH, atY = down + zoom * y + turn * x + REACH;
      if (!(atX >= 0 && atX <= SHIFTS - 1 && atY >= 0 && atY <= SHIFTS - 1)) continue;
      const left = Math.floor(atX), top = Math.floor(atY), base = patch * SHIFTS * SHIFTS;
      const wholeX = atX === left, wholeY = atY === top;
      if (wholeX && wholeY) { sum += surfaces[base + top * SHIFTS + left]!; continue; }
      splineWeights(atX - left, acrossWeights); splineWeights(atY - top, alongWeights);
      for (let k = wholeY ? 1 : 0; k < (wholeY ? 2 : 4); k++) {
        const line = base + Math.min(SHIFTS - 1, Math.max(0, top + k - 1)) * SHIFTS;
        let along = 0;
        for (let n = wholeX ? 1 : 0; n < (wholeX ? 2 : 4); n++) along += acrossWeights[n]! * surfaces[line + Math.min(SHIFTS - 1, Math.max(0, left + n - 1))]!;
        sum += alongWeights[k]! * along;
      }
    }
    return sum / total;
  }
}

function splineWeights(part: number, into: Float64Array): void {
  const square = part * part, cube = square * part;
  into[0] = (2 * square - cube - part) / 2;
  into[1] = (3 * cube - 5 * square + 2) / 2;
  into[2] = (4 * square - 3 * cube + part) / 2;
  into[3] = (cube - square) / 2;
}

/** How alike two fields are, without any shift: 1 the same, about 0 two places. */
export function likeness(a: EdgeField, b: EdgeField): number {
  let both = 0, ofA = 0, ofB = 0;
  for (let cell = 0; cell < a.cosines.length; cell++) {
    both += a.cosines[cell]! * b.cosines[cell]! + a.sines[cell]! * b.sines[cell]!;
    ofA += a.cosines[cell]! ** 2 + a.sines[cell]! ** 2;
    ofB += b.cosines[cell]! ** 2 + b.sines[cell]! ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}
