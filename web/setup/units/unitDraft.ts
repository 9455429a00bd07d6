// A unit while it is drawn: names, place in the tree, and its outline of parts with holes. Pure: values in, values out.
import type { UnitBody } from '../../../contract/apiIncidents.ts';
import type { LngLat } from '../../../contract/geometry.ts';
import type { Actor } from '../../../contract/incident.ts';
import { unitDepth, type Unit, type UnitLevel, type UnitShape } from '../../../contract/unit.ts';

/** hole null: the outline of the part itself. */
export type RingRef = { part: number; hole: number | null };
export type UnitDraft = {
  code: string; en: string; zh: string; level: UnitLevel; parentId: string | null;
  shape: UnitShape;
  /** A ring that is being drawn by clicks: a part of its own, or a hole of the part in which its first corner lies. */
  drawing: { as: 'part' | 'hole'; corners: LngLat[] } | null;
};
export const CORNERS_OF_RING_MOST = 20_000;

export function draftOfUnit(unit: Unit | null, shape: UnitShape, start: { level: UnitLevel; parentId: string | null }): UnitDraft {
  if (unit === null) return { code: '', en: '', zh: '', ...start, shape: [], drawing: { as: 'part', corners: [] } };
  return { code: unit.code, en: unit.names.en, zh: unit.names.zh, level: unit.level, parentId: unit.parentId, shape, drawing: null };
}

export const ringsOf = (shape: UnitShape): { ref: RingRef; corners: LngLat[] }[] =>
  shape.flatMap(({ outer, holes }, part) => [{ ref: { part, hole: null } as RingRef, corners: outer }, ...holes.map((corners, hole) => ({ ref: { part, hole }, corners }))]);
export const sameRing = (a: RingRef, b: RingRef): boolean => a.part === b.part && a.hole === b.hole;
export const cornersOf = (shape: UnitShape, ref: RingRef): LngLat[] => (ref.hole === null ? shape[ref.part]?.outer : shape[ref.part]?.holes[ref.hole]) ?? [];

function withRing(shape: UnitShape, ref: RingRef, corners: LngLat[] | null): UnitShape {
  return shape.flatMap((polygon, part) => {
    if (part !== ref.part) return [polygon];
    if (ref.hole === null) return corners === null ? [] : [{ ...polygon, outer: corners }];
    return [{ ...polygon, holes: polygon.holes.flatMap((hole, index) => (index !== ref.hole ? [hole] : corners === null ? [] : [corners])) }];
  });
}
export const withCornerAt = (draft: UnitDraft, ref: RingRef, index: number, at: LngLat): UnitDraft => ({ ...draft, shape: withRing(draft.shape, ref, cornersOf(draft.shape, ref).map((was, i) => (i === index ? rounded(at) : was))) });
export function withCornerAfter(draft: UnitDraft, ref: RingRef, index: number, at: LngLat): UnitDraft {
  const corners = cornersOf(draft.shape, ref);
  return corners.length >= CORNERS_OF_RING_MOST ? draft : { ...draft, shape: withRing(draft.shape, ref, corners.toSpliced(index + 1, 0, rounded(at))) };
}
/** With fewer than three corners left a ring is gone; without any part the drawing begins anew. */
export function withoutCorner(draft: UnitDraft, ref: RingRef, index: number): UnitDraft {
  const corners = cornersOf(draft.shape, ref).toSpliced(index, 1);
  return withoutNothing({ ...draft, shape: withRing(draft.shape, ref, corners.length < 3 ? null : corners) });
}
export const withoutRing = (draft: UnitDraft, ref: RingRef): UnitDraft => withoutNothing({ ...draft, shape: withRing(draft.shape, ref, null) });
const withoutNothing = (draft: UnitDraft): UnitDraft => (draft.shape.length === 0 ? { ...draft, drawing: { as: 'part', corners: [] } } : draft);

export const drawnAnew = (draft: UnitDraft): UnitDraft => ({ ...draft, shape: [], drawing: { as: 'part', corners: [] } });
export const drawing = (draft: UnitDraft, as: 'part' | 'hole'): UnitDraft => ({ ...draft, drawing: { as, corners: [] } });
export const withDrawn = (draft: UnitDraft, at: LngLat): UnitDraft => (draft.drawing === null ? draft : { ...draft, drawing: { ...draft.drawing, corners: [...draft.drawing.corners, rounded(at)] } });
/** The last corner back; from an empty second ring back to the outline that is there. */
export function withoutDrawn(draft: UnitDraft): UnitDraft {
  if (draft.drawing === null) return draft;
  if (draft.drawing.corners.length === 0) return draft.shape.length === 0 ? draft : { ...draft, drawing: null };
  return { ...draft, drawing: { ...draft.drawing, corners: draft.drawing.corners.slice(0, -1) } };
}
export function withDrawnClosed(draft: UnitDraft): UnitDraft {
  if (draft.drawing === null || draft.drawing.corners.length < 3) return draft;
  const { as, corners } = draft.drawing;
  const part = as === 'hole' ? draft.shape.findIndex(({ outer }) => isInRing(outer, corners[0]!)) : -1;
  return part === -1 ? { ...draft, shape: [...draft.shape, { outer: corners, holes: [] }], drawing: null }
    : { ...draft, shape: draft.shape.map((polygon, at) => (at === part ? { ...polygon, holes: [...polygon.holes, corners] } : polygon)), drawing: null };
}
/** For the keyboard, and for whoever wants a plain rectangle: the middle of what the map shows. */
export function withRectangle(draft: UnitDraft, { west, south, east, north }: { west: number; south: number; east: number; north: number }): UnitDraft {
  const x = (share: number) => west + (east - west) * share, y = (share: number) => south + (north - south) * share;
  const corners = [{ lng: x(0.35), lat: y(0.35) }, { lng: x(0.65), lat: y(0.35) }, { lng: x(0.65), lat: y(0.65) }, { lng: x(0.35), lat: y(0.65) }].map(rounded);
  return withDrawnClosed({ ...draft, drawing: { as: draft.drawing?.as ?? 'part', corners } });
}

export const middleOf = (a: LngLat, b: LngLat): LngLat => ({ lng: (a.lng + b.lng) / 2, lat: (a.lat + b.lat) / 2 });
export const isInShape = (shape: UnitShape, at: LngLat): boolean => shape.some(({ outer, holes }) => isInRing(outer, at) && !holes.some((hole) => isInRing(hole, at)));
export function isInRing(ring: readonly LngLat[], at: LngLat): boolean {
  let isIn = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i]!, b = ring[j]!;
    if (a.lat > at.lat !== b.lat > at.lat && at.lng < ((b.lng - a.lng) * (at.lat - a.lat)) / (b.lat - a.lat) + a.lng) isIn = !isIn;
  }
  return isIn;
}

export type DraftFault = 'nameMissing' | 'codeWrong' | 'parentWrong' | 'shapeMissing';
export function draftFaults(draft: UnitDraft, byId: ReadonlyMap<string, Unit>): Set<DraftFault> {
  const faults = new Set<DraftFault>(), parent = draft.parentId === null ? null : byId.get(draft.parentId);
  if (draft.en.trim() === '' && draft.zh.trim() === '') faults.add('nameMissing');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(draft.code.trim())) faults.add('codeWrong');
  if (parent === undefined || (parent !== null && unitDepth(parent.level) >= unitDepth(draft.level))) faults.add('parentWrong');
  if (draft.shape.length === 0) faults.add('shapeMissing');
  return faults;
}
/** Where only one name was given both are the same. */
export function bodyOfUnit(draft: UnitDraft, seenVersion: number | null, by: Actor): UnitBody {
  const en = draft.en.trim(), zh = draft.zh.trim();
  return { level: draft.level, code: draft.code.trim(), names: { en: en === '' ? zh : en, zh: zh === '' ? en : zh }, parentId: draft.parentId, shape: draft.shape, ...(seenVersion === null ? {} : { seenVersion }), by };
}

/** About a centimetre. */
const rounded = ({ lng, lat }: LngLat): LngLat => ({ lng: Math.round(lng * 1e7) / 1e7, lat: Math.round(lat * 1e7) / 1e7 });
