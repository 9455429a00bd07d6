// How a crowd moves over the ground: from motion in the picture to velocities in metres a second for each cell, then for zones and across drawn lines.
// Of what moves where people are counted, never of persons: a cell has a mean, a spread and the share that goes the other way, and no memory of the picture before.
import { DENSITY_CODE_UNKNOWN, PEOPLE_PER_M2_OF_CODE } from '../contract/density.ts';
import { FLOW_CODE_UNKNOWN, M_PER_S_OF_SPREAD_CODE, M_PER_S_OF_VELOCITY_CODE, SHARE_OF_CODE, shareCode, spreadCode, velocityCode, type FlowLine, type FlowRasters, type ZoneFlow } from '../contract/flow.ts';
import type { GridSpec } from '../contract/geometry.ts';
import type { Reading } from '../contract/reading.ts';
import type { Calibration } from '../contract/site.ts';
import type { ImageCells, Projection } from './ground.ts';
import { fitCalibration, headToGround } from './homography.ts';
import { cellAreas } from './polygon.ts';
import { REST_OF_CODES } from './fuse.ts';
import type { CompiledZone } from './site.ts';

/** Motion in a picture about the middle of each of its cells, as shares of the picture's width and height in a second; NaN where nothing could be followed. */
export type ImageMotion = { columns: number; rows: number; dxShare: Float32Array; dyShare: Float32Array };

/** How the ground at head height moves with the picture, for each image cell: d(xM, yM) / d(xShare, yShare), four numbers a cell; NaN where there is no ground. */
export type MotionSlopes = { columns: number; rows: number; slopes: Float32Array };

/** Slower than this is standing: a crowd that waits sways by about as much (0.1 to 0.2 m/s of the head, quiet standing and shifting weight). */
export const MOVING_LEAST_M_PER_S = 0.25;
/** Faster than anybody runs through a crowd: a wrong match. */
export const FASTEST_M_PER_S = 3.2;
/** A ground cell says how it moves when this share of its people could be followed, and at least so many of them. */
const FOLLOWED_SHARE_LEAST = 0.4, FOLLOWED_PEOPLE_LEAST = 0.05;

/** Once for each placing. Null when the points do not fit. Taken from the way of single points, so that lens and head plane are in it. */
export function motionSlopes(calibration: Calibration, imageCells: ImageCells): MotionSlopes | null {
  const fit = fitCalibration(calibration);
  if (!fit.ok) return null;
  const { columns, rows, cellWidthShare, cellHeightShare } = imageCells;
  const slopes = new Float32Array(columns * rows * 4).fill(Number.NaN), dx = cellWidthShare / 2, dy = cellHeightShare / 2;
  const at = (xShare: number, yShare: number) => headToGround(fit.homography, calibration, { xShare, yShare });
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const x = (column + 0.5) * cellWidthShare, y = (row + 0.5) * cellHeightShare;
    const left = at(x - dx, y), right = at(x + dx, y), above = at(x, y - dy), below = at(x, y + dy);
    if (left === null || right === null || above === null || below === null) continue;
    slopes.set([(right.xM - left.xM) / (2 * dx), (below.xM - above.xM) / (2 * dy), (right.yM - left.yM) / (2 * dx), (below.yM - above.yM) / (2 * dy)], (row * columns + column) * 4);
  }
  return { columns, rows, slopes };
}

/**
 * Velocity rasters over the projection's window. Each image cell weighs as many people as it has: motion of traffic, trees and screens, where nobody is counted, weighs nothing.
 * A cell's spread is the root of the variance of both components over its people; its counter share is what goes more than 90 degrees off the cell's mean, of what moves at all.
 */
export function projectMotion(projection: Projection, { slopes, columns, rows }: MotionSlopes, motion: ImageMotion, peoplePerImageCell: Float32Array): FlowRasters | null {
  const { entryFirst, imageCell, share, perM2 } = projection, { dxShare, dyShare } = motion;
  if (motion.columns !== columns || motion.rows !== rows || columns * rows !== projection.imageCellCount || peoplePerImageCell.length !== projection.imageCellCount) return null;
  const east = new Float32Array(columns * rows).fill(Number.NaN), north = new Float32Array(columns * rows);
  for (let cell = 0; cell < east.length; cell++) {
    const dx = dxShare[cell]!, dy = dyShare[cell]!;
    if (!(peoplePerImageCell[cell]! > 0) || Number.isNaN(dx) || Number.isNaN(dy)) continue;
    const eastMPerS = slopes[cell * 4]! * dx + slopes[cell * 4 + 1]! * dy, northMPerS = slopes[cell * 4 + 2]! * dx + slopes[cell * 4 + 3]! * dy;
    if (!(eastMPerS * eastMPerS + northMPerS * northMPerS <= FASTEST_M_PER_S * FASTEST_M_PER_S)) continue;
    east[cell] = eastMPerS; north[cell] = northMPerS;
  }
  const count = perM2.length, unknown = () => new Uint8Array(count).fill(FLOW_CODE_UNKNOWN);
  const rasters: FlowRasters = { eastCodes: unknown(), northCodes: unknown(), spreadCodes: unknown(), counterCodes: unknown() };
  for (let cell = 0; cell < count; cell++) {
    if (perM2[cell] === 0) continue;
    let people = 0, followed = 0, sumEast = 0, sumNorth = 0, sumSquares = 0;
    const from = entryFirst[cell]!, to = entryFirst[cell + 1]!;
    for (let entry = from; entry < to; entry++) {
      const at = imageCell[entry]!, here = peoplePerImageCell[at]! * share[entry]!;
      if (!(here > 0)) continue;
      people += here;
      const vx = east[at]!, vy = north[at]!;
      if (Number.isNaN(vx)) continue;
      followed += here; sumEast += here * vx; sumNorth += here * vy; sumSquares += here * (vx * vx + vy * vy);
    }
    if (!(followed >= FOLLOWED_PEOPLE_LEAST) || followed < FOLLOWED_SHARE_LEAST * people) continue;
    const meanEast = sumEast / followed, meanNorth = sumNorth / followed;
    let moving = 0, counter = 0;
    for (let entry = from; entry < to; entry++) {
      const at = imageCell[entry]!, here = peoplePerImageCell[at]! * share[entry]!, vx = east[at]!, vy = north[at]!;
      if (!(here > 0) || !(vx * vx + vy * vy >= MOVING_LEAST_M_PER_S * MOVING_LEAST_M_PER_S)) continue;
      moving += here;
      if (vx * meanEast + vy * meanNorth < 0) counter += here;
    }
    rasters.eastCodes[cell] = velocityCode(meanEast);
    rasters.northCodes[cell] = velocityCode(meanNorth);
    rasters.spreadCodes[cell] = spreadCode(Math.sqrt(Math.max(0, sumSquares / followed - meanEast * meanEast - meanNorth * meanNorth)));
    rasters.counterCodes[cell] = shareCode(moving > 0 ? counter / moving : 0);
  }
  return rasters;
}

/** Fewer people than this in a zone could be followed: nothing is said of its flow. */
const ZONE_PEOPLE_LEAST = 0.5;
/** Readings tell nothing of a zone's flow when less than this share of its people could be followed. */
const KNOWN_SHARE_LEAST = 0.3;

/**
 * Flow of one zone over the readings that count now; overlapping cameras are mixed by trust, as densities are. Null: too few people, or too few of them could be followed.
 *
 * Pressure (Helbing, Johansson and Al-Abideen 2007, Phys. Rev. E 75, 046109: local density x variance of the local velocity, each local over about a metre) is worked out for each cell
 * with its eight neighbours: density there x variance of the cells' mean velocities about their common mean, less what means of so few people differ by chance; averaged over the zone by
 * people. Theirs is the variance over time at one place, ours the one over the place at one time. Single people who shift their feet have none, nor has a group that walks along together;
 * a crowd that is pushed to and fro has.
 */
export function zoneFlowOf(zone: CompiledZone, fresh: readonly (Reading | null)[], grid: GridSpec): ZoneFlow | null {
  const mixed = mixOf(fresh, grid, zone.window, zone.cells);
  if (mixed === null) return null;
  const { window, density, east, north, square, counter } = mixed, { cells, cellAreaM2 } = zone;
  let people = 0, followed = 0, sumEast = 0, sumNorth = 0, sumSquares = 0;
  const areaAt = scratchOf('areaAt', density.length), atOf = scratchOf('atOf', cells.length);
  for (let i = 0; i < cells.length; i++) {
    const at = atOf[i] = (Math.floor(cells[i]! / grid.columns) - window.rowFirst) * window.columns + (cells[i]! % grid.columns) - window.columnFirst;
    const here = density[at]! * cellAreaM2[i]!;
    if (!(here > 0)) continue;
    people += here;
    if (Number.isNaN(east[at]!)) continue;
    areaAt[at] = cellAreaM2[i]!;
    followed += here; sumEast += here * east[at]!; sumNorth += here * north[at]!; sumSquares += here * square[at]!;
  }
  if (!(followed >= ZONE_PEOPLE_LEAST) || followed < KNOWN_SHARE_LEAST * people) return null;
  const meanEast = sumEast / followed, meanNorth = sumNorth / followed;

  // The main axis is that of the moving, whichever way they go along it: two equal streams have a mean of nothing.
  let xx = 0, xy = 0, yy = 0, kept = 0;
  const streams = scratchOf('streams', 6 * cells.length);
  for (let i = 0; i < cells.length; i++) {
    const at = atOf[i]!;
    if (areaAt[at] === 0) continue;
    const { eastMPerS, northMPerS, againstMPerS, alongMPerS } = streamsOf(east[at]!, north[at]!, square[at]!, counter[at]!), here = density[at]! * areaAt[at]!;
    for (let way = 0; way < 2; way++) {
      const weight = way === 0 ? here * (1 - counter[at]!) : here * counter[at]!, mPerS = way === 0 ? alongMPerS : -againstMPerS;
      if (!(weight > 0) || Math.abs(mPerS) < MOVING_LEAST_M_PER_S) continue;
      const vx = eastMPerS * mPerS, vy = northMPerS * mPerS;
      streams[kept++] = weight; streams[kept++] = vx; streams[kept++] = vy;
      xx += weight * vx * vx; xy += weight * vx * vy; yy += weight * vy * vy;
    }
  }
  const angle = 0.5 * Math.atan2(2 * xy, xx - yy), axisX = Math.cos(angle), axisY = Math.sin(angle);
  let moving = 0, backwards = 0;
  for (let i = 0; i < kept; i += 3) { moving += streams[i]!; if (streams[i + 1]! * axisX + streams[i + 2]! * axisY < 0) backwards += streams[i]!; }

  return {
    eastMPerS: meanEast, northMPerS: meanNorth,
    velocityVarianceM2PerS2: Math.max(0, sumSquares / followed - meanEast * meanEast - meanNorth * meanNorth),
    counterShare: moving > 0 ? Math.min(backwards, moving - backwards) / moving : 0,
    pressurePerS2: pressureOf(mixed, areaAt, atOf),
    knownShare: Math.min(1, followed / people),
  };
}

function pressureOf({ window, density, east, north, square }: Mixed, areaAt: Float64Array, atOf: Float64Array): number {
  let sum = 0, people = 0;
  for (let i = 0; i < atOf.length; i++) {
    const at = atOf[i]!;
    if (areaAt[at] === 0) continue;
    const column = at % window.columns, row = (at - column) / window.columns;
    let near = 0, nearM2 = 0, vx = 0, vy = 0, squares = 0, chance = 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(window.rows - 1, row + 1); y++) for (let x = Math.max(0, column - 1); x <= Math.min(window.columns - 1, column + 1); x++) {
      const other = y * window.columns + x, areaM2 = areaAt[other]!;
      if (areaM2 === 0) continue;
      const here = density[other]! * areaM2, speedSquared = east[other]! * east[other]! + north[other]! * north[other]!;
      near += here; nearM2 += areaM2; vx += here * east[other]!; vy += here * north[other]!; squares += here * speedSquared;
      chance += here * (square[other]! - speedSquared) / Math.max(1, here);
    }
    const variance = Math.max(0, (squares - chance) / near - (vx / near) ** 2 - (vy / near) ** 2), here = density[at]! * areaAt[at]!;
    sum += here * (near / nearM2) * variance; people += here;
  }
  return people > 0 ? sum / people : 0;
}

/**
 * A cell's people as two streams along its mean direction: the share `counter` against it. From mean m and variance s² along it: with share c the streams differ by s / root(c (1 - c)),
 * so they go at m + s root(c / (1 - c)) and at s root((1 - c) / c) - m the other way. Exact for two streams of one speed each.
 */
function streamsOf(east: number, north: number, square: number, counter: number): { eastMPerS: number; northMPerS: number; alongMPerS: number; againstMPerS: number } {
  const mean = Math.hypot(east, north), eastMPerS = mean > 0 ? east / mean : 1, northMPerS = mean > 0 ? north / mean : 0;
  if (!(counter > 0 && counter < 1)) return { eastMPerS, northMPerS, alongMPerS: mean, againstMPerS: 0 };
  const deviation = Math.sqrt(Math.max(0, square - mean * mean));
  return { eastMPerS, northMPerS, alongMPerS: mean + deviation * Math.sqrt(counter / (1 - counter)), againstMPerS: Math.max(0, deviation * Math.sqrt((1 - counter) / counter) - mean) };
}

/** Half of the width of the strip about a line whose people are asked: one cell's worth of people would be a number of ones and noughts. A stream that goes on crosses every line of the strip alike. */
const STRIP_HALF_M = 1;

export type LineFlow = {
  /** People a second from left to right of a -> b, and back. */
  inPerS: number; outPerS: number;
  /** What does not average out from look to look, one standard deviation, of both ways together: the error of the count. */
  errorPerS: number;
  /** Variance of one look for the few people who are in the strip just then, and where: independent from one look to the next when they are half a second apart or more. */
  noiseVariancePerS2: number;
  /** Share of the line's length that is seen. */
  seenShare: number;
};

/**
 * People who cross a line in a second, both ways apart also where both happen in one cell: density x velocity across the line, integrated along it, as a mean over a strip of 2 m about it.
 * Cells whose people cannot be followed are taken to move as the others of the strip. Null: less than SEEN_SHARE_LEAST of the line is seen, or too few of those in the strip could be followed.
 */
export function linePeoplePerS(line: FlowLine, fresh: readonly (Reading | null)[], grid: GridSpec): LineFlow | null {
  const { a, b } = line, lengthM = Math.hypot(b.xM - a.xM, b.yM - a.yM), halfM = Math.max(STRIP_HALF_M, grid.cellM / 2);
  if (!(lengthM > 0)) return null;
  // To the right of a -> b.
  const inX = (b.yM - a.yM) / lengthM, inY = -(b.xM - a.xM) / lengthM, offX = inX * halfM, offY = inY * halfM;
  const strip = [a.xM + offX, a.yM + offY, b.xM + offX, b.yM + offY, b.xM - offX, b.yM - offY, a.xM - offX, a.yM - offY];
  const cells: number[] = [], areasM2: number[] = [];
  let columnFirst = grid.columns, columnLast = -1, wholeM2 = 0;
  cellAreas(strip, grid.cellM, grid.columns, grid.rows, (column, row, areaM2) => {
    cells.push(row * grid.columns + column); areasM2.push(areaM2); wholeM2 += areaM2;
    columnFirst = Math.min(columnFirst, column); columnLast = Math.max(columnLast, column);
  });
  if (cells.length === 0) return null;
  const rowFirst = Math.floor(cells[0]! / grid.columns), rowLast = Math.floor(cells.at(-1)! / grid.columns);
  const mixed = mixOf(fresh, grid, { columnFirst, rowFirst, columns: columnLast + 1 - columnFirst, rows: rowLast + 1 - rowFirst }, Int32Array.from(cells));
  if (mixed === null) return null;
  const { window, density, rest, east, north, square, counter } = mixed;
  let seenM2 = 0, people = 0, followed = 0, forwards = 0, backwards = 0, biased = 0, noise = 0;
  for (let i = 0; i < cells.length; i++) {
    const at = (Math.floor(cells[i]! / grid.columns) - window.rowFirst) * window.columns + (cells[i]! % grid.columns) - window.columnFirst, areaM2 = areasM2[i]!;
    if (Number.isNaN(density[at]!)) continue;
    seenM2 += areaM2;
    const here = density[at]! * areaM2;
    people += here;
    if (!(here > 0) || Number.isNaN(east[at]!)) continue;
    followed += here;
    const { eastMPerS, northMPerS, alongMPerS, againstMPerS } = streamsOf(east[at]!, north[at]!, square[at]!, counter[at]!), across = eastMPerS * inX + northMPerS * inY;
    const along = here * (1 - counter[at]!) * alongMPerS * across, against = -here * counter[at]! * againstMPerS * across;
    forwards += Math.max(0, along) + Math.max(0, against);
    backwards += Math.max(0, -along) + Math.max(0, -against);
    biased += rest[at]! * areaM2 * (Math.abs(along) + Math.abs(against)) / here;
    noise += here * (alongMPerS * across) ** 2;
  }
  const seenShare = Math.min(1, seenM2 / wholeM2);
  if (seenShare < LINE_SEEN_SHARE_LEAST) return null;
  if (people > 0.05 && followed < KNOWN_SHARE_LEAST * people) return null;
  const scale = (followed > 0 ? people / followed : 1) / (2 * halfM);
  return { inPerS: forwards * scale, outPerS: backwards * scale, errorPerS: biased * scale, noiseVariancePerS2: noise * scale * scale, seenShare };
}
/** A line of which less is seen has no flow that could be told. */
export const LINE_SEEN_SHARE_LEAST = 0.5;

/** Room that one call after the other works in, cleared before each use: made anew for every zone, clearing it away again would cost as much as the sums. Nothing of it is handed out. */
const scratch: Record<'streams' | 'areaAt' | 'atOf' | 'mixed', Float64Array> = { streams: new Float64Array(0), areaAt: new Float64Array(0), atOf: new Float64Array(0), mixed: new Float64Array(0) };
function scratchOf(name: keyof typeof scratch, count: number): Float64Array {
  if (scratch[name].length < count) scratch[name] = new Float64Array(2 * count);
  return scratch[name].subarray(0, count).fill(0);
}

type Window = { columnFirst: number; rowFirst: number; columns: number; rows: number };
/** Over a window of the grid: people/m2 (NaN: not seen), what of its error is not counting noise, and of those who could be followed mean velocity, mean square of the speed and counter share (NaN: not known). */
type Mixed = { window: Window; density: Float64Array; rest: Float64Array; east: Float64Array; north: Float64Array; square: Float64Array; counter: Float64Array };

/** The named cells of the readings, mixed by trust; null when none of them sees any of the window. It runs for every zone: nothing is made for single cells. */
function mixOf(fresh: readonly (Reading | null)[], grid: GridSpec, window: Window, cells: Int32Array): Mixed | null {
  const meeting: Reading[] = [];
  for (const reading of fresh) {
    if (reading === null) continue;
    const its = reading.window;
    if (its.columnFirst < window.columnFirst + window.columns && window.columnFirst < its.columnFirst + its.columns && its.rowFirst < window.rowFirst + window.rows && window.rowFirst < its.rowFirst + its.rows) meeting.push(reading);
  }
  if (meeting.length === 0) return null;
  const count = window.columns * window.rows, all = scratchOf('mixed', 8 * count), part = (at: number) => all.subarray(at * count, (at + 1) * count);
  const density = part(0), rest = part(1), east = part(2), north = part(3), square = part(4), counter = part(5), trust = part(6), moved = part(7), restOf = REST_OF_CODES[grid.cellM];
  for (const { window: its, densityCodes, errorCodes, weightCodes, flow } of meeting) {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i]!, gridColumn = cell % grid.columns, gridRow = (cell - gridColumn) / grid.columns;
      const column = gridColumn - its.columnFirst, row = gridRow - its.rowFirst;
      if (column < 0 || row < 0 || column >= its.columns || row >= its.rows) continue;
      const from = row * its.columns + column, code = densityCodes[from]!, weight = weightCodes[from]!;
      if (code === DENSITY_CODE_UNKNOWN || weight === 0) continue;
      const at = (gridRow - window.rowFirst) * window.columns + gridColumn - window.columnFirst, peoplePerM2 = PEOPLE_PER_M2_OF_CODE[code]!;
      trust[at]! += weight;
      density[at]! += weight * peoplePerM2;
      rest[at]! += weight * restOf[(code << 8) | errorCodes[from]!]!;
      if (flow === null || code === 0) continue;
      const here = weight * peoplePerM2, vx = M_PER_S_OF_VELOCITY_CODE[flow.eastCodes[from]!]!, vy = M_PER_S_OF_VELOCITY_CODE[flow.northCodes[from]!]!, spread = M_PER_S_OF_SPREAD_CODE[flow.spreadCodes[from]!]!;
      const against = SHARE_OF_CODE[flow.counterCodes[from]!]!;
      // All four are unknown together; should one be so alone, nothing is known there either.
      if (Number.isNaN(vx + vy + spread + against)) continue;
      moved[at]! += here;
      east[at]! += here * vx; north[at]! += here * vy; square[at]! += here * (vx * vx + vy * vy + spread * spread);
      counter[at]! += here * against;
    }
  }
  for (let at = 0; at < count; at++) {
    const seen = trust[at]!, known = moved[at]!;
    if (seen > 0) { density[at]! /= seen; rest[at]! /= seen; } else density[at] = rest[at] = Number.NaN;
    if (known > 0) { east[at]! /= known; north[at]! /= known; square[at]! /= known; counter[at]! /= known; } else east[at] = north[at] = square[at] = counter[at] = Number.NaN;
  }
  return { window, density, rest, east, north, square, counter };
}
