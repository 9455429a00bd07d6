// Units in PostgreSQL: see store/unitsStore.ts. The whole tree with its outlines is also held in memory, for points and chains; each process follows every change of it.
// Changes come one after the other (the row unit_head is locked), so what is checked against the tree is checked against the tree that it goes into.
import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Logger } from 'pino';
import Type from 'typebox';
import type { Scope } from '../../contract/access.ts';
import type { UnitBody } from '../../contract/apiIncidents.ts';
import { GridSpec, LngLat, SitePoint } from '../../contract/geometry.ts';
import { Problem } from '../../contract/problem.ts';
import { checker, nullable } from '../../contract/schema.ts';
import { Unit, UnitChange, unitDepth, type UnitChain, type UnitFault, type UnitMove, type UnitShape } from '../../contract/unit.ts';
import { lngLatOf } from '../../crowd/place.ts';
import { checkOne, faultOf, runInSlices, type TreeUnit } from '../../crowd/units/checkUnits.ts';
import { faultWords } from '../../crowd/units/faultWords.ts';
import { areaM2Of, boxOf, bytesOfShape, lngLatOf7, shape7Of, shapeOfBytes, unitShapeOf, type Shape7 } from '../../crowd/units/shape.ts';
import { buildUnitIndex, insideOf, type UnitIndex } from '../../crowd/units/unitIndex.ts';
import { asProduct, heardAsProduct, scopeNow } from '../scope.ts';
import type { UnitsStore } from '../unitsStore.ts';
import type { Database, Tx } from './database.ts';
import { checkedOrLeftOut } from './rows.ts';
import { bumpUnitsVersion, listenToUnits, unitsVersionNow } from './unitVersion.ts';

export type UnitsPart = UnitsStore & { closeUnits(): Promise<void>; /** Once, for a database of an earlier release: where its places lie. */ placeAll(): Promise<void>; placed: Placed };
/** A transaction in which the tree stays as it is: what is placed by `lowestAt` lies there when it is committed. */
export type Placed = <T>(work: (tx: Tx, lowestAt: (point: LngLat) => string | null) => Promise<T>) => Promise<T>;
type Kept = { unit: Unit; shape: Shape7 };

const NOBODY_SAID = '?';
/** A city of 16,000 grids has about 20,000 in all. */
export const UNITS_MOST = 50_000;
const LOOK_AFTER_MS = 1000, ROWS_AT_ONCE = 200, SLICE_MS = 20;
const CHAIN_MOST = 10;
/** Each time somebody else changed units, people or playbooks between the look and the lock. */
const PLACED_TRIES_MOST = 20;
class TreeMoved extends Error {}

const checkUnit = checker(Unit), checkChange = checker(UnitChange);
const checkSitePlace = checker(Type.Object({ origin: LngLat, grid: GridSpec })), checkPosition = checker(nullable(SitePoint)), checkPoint = checker(LngLat);

export function unitsPart(database: Database, log: Logger): UnitsPart {
  const product = database.forProduct('the tree is held whole, for points and chains; what of it is shown is cut to a scope below and by the server');
  const listeners = new Set<() => void>();
  let tree = emptyTree(), lookedAtMs = -Infinity, changedSinceLook = true, looking: Promise<void> | null = null;
  const listening = listenToUnits(database, () => { changedSinceLook = true; for (const listener of listeners) listener(); });

  /** The tree as it was at most a second ago, or after the last change that this process heard of. */
  async function current(): Promise<Tree> {
    while (tree.version < 0 || changedSinceLook || performance.now() - lookedAtMs > LOOK_AFTER_MS) await (looking ??= asProduct(look).finally(() => { looking = null; }));
    return tree;
  }
  async function look(): Promise<void> {
    changedSinceLook = false;
    const begunAtMs = performance.now();
    try {
      const version = tree.version < 0 ? null : await database.run(unitsVersionNow);
      if (version !== tree.version) adopt(await database.run((db) => db.transaction().setIsolationLevel('repeatable read').execute((tx) => readTree(tx, tree, log))));
      lookedAtMs = begunAtMs;
    } catch (error) { changedSinceLook = true; throw error; }
  }
  function adopt(next: Tree): void { if (next.version > tree.version) tree = next; }

  /** One change of the tree: `decide` says by values what is there afterwards. */
  async function change<T extends { keep: Kept[]; drop: string[] }>(what: UnitChange['what'], by: string, decide: (tx: Tx, now: Tree) => Promise<T | null>): Promise<T & { moves: UnitMove[] } | null> {
    const scope = scopeNow();
    const made = await product.transact(async (tx) => {
      await tx.selectFrom('unit_head').select('version').forUpdate().executeTakeFirstOrThrow();
      const before = await readTree(tx, tree, log);
      const decided = await decide(tx, before);
      if (decided === null || (decided.keep.length === 0 && decided.drop.length === 0)) return { decided, moves: [], after: null };
      const version = await bumpUnitsVersion(tx);
      const after = treeWith(before, decided.keep, decided.drop, version);
      if (after.kept.size > UNITS_MOST) throw new Problem('tooMany', { most: UNITS_MOST });
      mustLieWithin(scope, before, after, [...decided.keep.map(({ unit }) => unit.unitId), ...decided.drop]);
      await writeUnits(tx, decided.keep, version);
      for (const unitId of decided.drop) await dropUnit(tx, unitId, version);
      await keepAbove(tx, before, after, decided.keep);
      const moves = await movesBetween(tx, before, after);
      await keepPlaces(tx, moves, await indexOf(after));
      const unitIds = [...decided.keep.map(({ unit }) => unit.unitId), ...decided.drop];
      const clock = await sql<{ now_ms: number }>`select floor(extract(epoch from clock_timestamp()) * 1000)::double precision as now_ms`.execute(tx);
      await tx.insertInto('unit_change').values({ at_ms: clock.rows[0]!.now_ms, by_name: by.slice(0, 80), what, unit_ids: JSON.stringify(unitIds), unit_count: unitIds.length, moves: JSON.stringify(moves) }).execute();
      return { decided, moves, after };
    });
    if (made.after !== null) {
      adopt(made.after);
      changedSinceLook = true;
      for (const listener of listeners) listener(); // faster than the NOTIFY of the same commit
    }
    return made.decided === null ? null : { ...made.decided, moves: made.moves };
  }

  const placed: Placed = async (work) => {
    for (let attempt = 1; ; attempt++) {
      const now = await current(), index = await indexOf(now);
      try {
        return await database.transact(async (tx) => {
          // Before any row of a site is locked: a change of the tree takes the two in the same order.
          const { version } = await tx.selectFrom('unit_head').select('version').forShare().executeTakeFirstOrThrow();
          if (version !== now.version) throw new TreeMoved();
          return work(tx, (point) => index.lowestAt(point));
        });
      } catch (error) {
        if (!(error instanceof TreeMoved)) throw error;
        if (attempt >= PLACED_TRIES_MOST) throw new Problem('changedMeanwhile');
        changedSinceLook = true;
      }
    }
  };

  return {
    placed,
    placeAll: () => asProduct(async () => {
      if ((await database.run((db) => db.selectFrom('scope_head').select('placed').executeTakeFirstOrThrow())).placed) return;
      await placed(async (tx, lowestAt) => {
        const head = await tx.selectFrom('scope_head').select('placed').forUpdate().executeTakeFirstOrThrow();
        if (head.placed) return;
        await sql`delete from unit_above`.execute(tx);
        await aboveOf(tx, null);
        await placeSites(tx, lowestAt);
        await tx.updateTable('scope_head').set({ placed: true }).execute();
      });
    }),
    units: async () => unitsInOrder(await current()),
    unit: async (unitId) => (await current()).kept.get(unitId)?.unit ?? null,
    unitShape: async (unitId) => { const kept = (await current()).kept.get(unitId); return kept === undefined ? null : unitShapeOf(kept.shape); },
    unitsAt: async (point) => { const now = await current(); return chainIn(now, (await indexOf(now)).lowestAt(point)); },
    unitChain: async (unitId) => chainIn(await current(), unitId),
    async unitSubtree(unitId) {
      const now = await current(), children = childrenIn(now), found: string[] = now.kept.has(unitId) ? [unitId] : [];
      for (let i = 0; i < found.length; i++) found.push(...children.get(found[i]!) ?? []);
      return found;
    },
    unitOutlines: async () => { const now = await current(); return { version: now.version, treeVersion: now.treeVersion, units: [...now.kept.values()] }; },

    async addUnit(body) {
      const shape = shape7Of(body.shape);
      const there = await change('added', body.by?.name ?? NOBODY_SAID, async (_tx, now) => {
        const known = body.unitId === undefined ? undefined : now.kept.get(body.unitId);
        if (known !== undefined) return { keep: [], drop: [], unit: known.unit, faults: [] };
        const unit = unitOf({ unitId: body.unitId ?? newId(), level: body.level, code: body.code, names: body.names, parentId: body.parentId, version: 1, demo: body.demo ?? false }, shape);
        return { keep: [{ unit, shape }], drop: [], unit, faults: await faultsOf(now, unit, shape) };
      });
      return { unit: there!.unit, faults: there!.faults, moves: there!.moves };
    },
    async checkUnit(body, unitId) {
      const now = await current(), shape = shape7Of(body.shape), known = unitId === null ? null : now.kept.get(unitId);
      if (known === undefined) throw new Problem('notFound');
      return allFaultsOf(now, { unitId: unitId ?? '', level: body.level, code: body.code, names: body.names, parentId: body.parentId }, shape);
    },
    async changeUnit(unitId, body: UnitBody) {
      const shape = shape7Of(body.shape);
      const there = await change('changed', body.by?.name ?? NOBODY_SAID, async (_tx, now) => {
        const known = now.kept.get(unitId);
        if (known === undefined) throw new Problem('notFound');
        if (body.seenVersion !== undefined && body.seenVersion !== known.unit.version) throw new Problem('changedMeanwhile');
        const unit = unitOf({ unitId, level: body.level, code: body.code, names: body.names, parentId: body.parentId, version: known.unit.version + 1, demo: known.unit.demo }, shape);
        return { keep: [{ unit, shape }], drop: [], unit, faults: await faultsOf(now, unit, shape) };
      });
      return { unit: there!.unit, faults: there!.faults, moves: there!.moves };
    },
    async removeUnit(unitId, by) {
      const there = await change('removed', by, async (_tx, now) => {
        if (!now.kept.has(unitId)) throw new Problem('notFound');
        const count = childrenIn(now).get(unitId)?.length ?? 0;
        if (count > 0) throw new Problem('unitHasChildren', { count });
        return { keep: [], drop: [unitId] };
      });
      return { moves: there!.moves };
    },
    async importUnits(given, by, seenVersion) {
      // What takes long and needs no tree comes first: nobody else can change units, people or playbooks while the transaction is open.
      const units = await inSlices(prepared(given));
      const there = await change('imported', by, async (_tx, now) => {
        if (seenVersion !== undefined && seenVersion !== now.treeVersion) throw new Problem('changedMeanwhile');
        return inSlices(importInto(now, units));
      });
      return { added: there!.added, changed: there!.changed, moves: there!.moves };
    },
    unitChanges: (most) => database.run(async (db) => {
      const rows = await db.selectFrom('unit_change').selectAll().orderBy('change_id', 'desc').limit(Math.max(0, most)).execute();
      return rows.flatMap((row) => checkedOrLeftOut(checkChange, { changeId: row.change_id, atMs: row.at_ms, by: row.by_name, what: row.what, unitIds: row.unit_ids, unitCount: row.unit_count, moves: row.moves }, `change ${row.change_id} of units`, log));
    }),
    unitsVersion: () => database.run(unitsVersionNow),
    onUnits(listener) { const heard = heardAsProduct(listener); listeners.add(heard); return () => { listeners.delete(heard); }; },
    closeUnits: () => listening.close(),
  };
}

// --- the tree in memory: a value, never changed once it is made
type Tree = {
  /** What unit_head showed; -1 before the first look. */
  version: number;
  /** The newest change of a unit itself: people and playbooks count `version` up, too. */
  treeVersion: number;
  kept: Map<string, Kept>; index: Promise<UnitIndex> | null; children: Map<string, string[]> | null; list: Unit[] | null;
};
const emptyTree = (): Tree => ({ version: -1, treeVersion: 0, kept: new Map(), index: null, children: null, list: null });
const indexOf = (tree: Tree): Promise<UnitIndex> => (tree.index ??= inSlices(buildUnitIndex([...tree.kept.values()].map(({ unit, shape }) => ({ unitId: unit.unitId, level: unit.level, code: unit.code, shape })))));
/** Long work on this thread, a little at a time: screens and cameras wait for the same thread. */
const inSlices = <T>(work: Generator<void, T>): Promise<T> => runInSlices(work, SLICE_MS, () => performance.now(), () => nextTurn());

function treeWith(before: Tree, keep: Kept[], drop: string[], version: number): Tree {
  const kept = new Map(before.kept);
  for (const each of keep) kept.set(each.unit.unitId, each);
  for (const unitId of drop) kept.delete(unitId);
  return { version, treeVersion: version, kept, index: null, children: null, list: null };
}
function childrenIn(tree: Tree): Map<string, string[]> {
  if (tree.children !== null) return tree.children;
  const children = new Map<string, string[]>();
  for (const { unit } of tree.kept.values()) {
    if (unit.parentId === null) continue;
    const list = children.get(unit.parentId);
    if (list === undefined) children.set(unit.parentId, [unit.unitId]); else list.push(unit.unitId);
  }
  return (tree.children = children);
}
/** Parents before children, each level by code. */
function unitsInOrder(tree: Tree): Unit[] {
  return (tree.list ??= [...tree.kept.values()].map(({ unit }) => unit).sort((a, b) => unitDepth(a.level) - unitDepth(b.level) || (a.code < b.code ? -1 : 1)));
}
function chainIn(tree: Tree, unitId: string | null): UnitChain {
  const chain: UnitChain = [];
  for (let id = unitId; id !== null && chain.length < CHAIN_MOST;) {
    const unit = tree.kept.get(id)?.unit;
    if (unit === undefined) break;
    chain.push(unit);
    id = unit.parentId;
  }
  return chain;
}

/** The tree of this transaction, from an older one and the rows that were changed since. */
async function readTree(tx: Tx, from: Tree, log: Logger): Promise<Tree> {
  const version = await unitsVersionNow(tx);
  if (version === from.version) return from;
  const kept = new Map(from.kept);
  let treeVersion = from.treeVersion, changed = false;
  for (const row of await tx.selectFrom('unit_gone').selectAll().where('tree_version', '>', from.version).execute()) { kept.delete(row.unit_id); treeVersion = Math.max(treeVersion, row.tree_version); changed = true; }
  for (let after = ''; ;) {
    const rows = await tx.selectFrom('unit').selectAll().where('tree_version', '>', from.version).where('unit_id', '>', after).orderBy('unit_id').limit(ROWS_AT_ONCE).execute();
    for (const row of rows) {
      treeVersion = Math.max(treeVersion, row.tree_version);
      changed = true;
      const shape = shapeOfBytes(row.shape);
      if (shape === null) { log.error({ unitId: row.unit_id }, 'the outline of a unit is damaged in the database; the unit is left out'); kept.delete(row.unit_id); continue; }
      const [unit] = checkedOrLeftOut(checkUnit, { unitId: row.unit_id, level: row.level, code: row.code, names: row.names, parentId: row.parent_id, version: row.version, bounds: boundsOf(shape), areaM2: row.area_m2, demo: row.demo }, `unit ${row.unit_id}`, log);
      if (unit === undefined) kept.delete(row.unit_id); else kept.set(row.unit_id, { unit, shape });
    }
    if (rows.length < ROWS_AT_ONCE) break;
    after = rows.at(-1)!.unit_id;
  }
  // People or playbooks changed: the units are the same ones, and so is all that was worked out of them.
  return changed ? { version, treeVersion, kept, index: null, children: null, list: null } : { ...from, version };
}

async function writeUnits(tx: Tx, keep: Kept[], version: number): Promise<void> {
  // Parents first: a row's parent must be there when it is written.
  const sorted = [...keep].sort((a, b) => unitDepth(a.unit.level) - unitDepth(b.unit.level));
  for (let from = 0; from < sorted.length; from += ROWS_AT_ONCE) {
    const rows = sorted.slice(from, from + ROWS_AT_ONCE).map(({ unit, shape }) => ({
      unit_id: unit.unitId, level: unit.level, code: unit.code, names: JSON.stringify(unit.names), parent_id: unit.parentId, version: unit.version, area_m2: unit.areaM2, demo: unit.demo, shape: Buffer.from(bytesOfShape(shape).buffer), tree_version: version,
    }));
    await tx.insertInto('unit').values(rows).onConflict((there) => there.column('unit_id').doUpdateSet((eb) => ({
      level: eb.ref('excluded.level'), code: eb.ref('excluded.code'), names: eb.ref('excluded.names'), parent_id: eb.ref('excluded.parent_id'), version: eb.ref('excluded.version'), area_m2: eb.ref('excluded.area_m2'), shape: eb.ref('excluded.shape'), tree_version: eb.ref('excluded.tree_version'),
    }))).execute();
  }
}

/** Its people and what it wants go with it. */
async function dropUnit(tx: Tx, unitId: string, version: number): Promise<void> {
  await tx.deleteFrom('shift').where('unit_id', '=', unitId).execute();
  await tx.deleteFrom('member').where('unit_id', '=', unitId).execute();
  await tx.deleteFrom('unit_policy').where('unit_id', '=', unitId).execute();
  await tx.deleteFrom('unit').where('unit_id', '=', unitId).execute();
  await tx.insertInto('unit_gone').values({ unit_id: unitId, tree_version: version }).onConflict((there) => there.column('unit_id').doUpdateSet({ tree_version: version })).execute();
}

/** A unit may be changed by whoever's scope it lies in, before and afterwards; from elsewhere it is not there. */
function mustLieWithin(scope: Scope | null, before: Tree, after: Tree, unitIds: string[]): void {
  if (scope === null || scope.all) return;
  const lies = (tree: Tree, unitId: string) => chainIn(tree, unitId).some((unit) => scope.unitIds.includes(unit.unitId));
  for (const unitId of unitIds) for (const tree of [before, after]) if (tree.kept.has(unitId) && !lies(tree, unitId)) throw new Problem('notFound');
}

/** unit_above of what is new or hangs elsewhere, and of all below it. Rows of units that are gone stay: what happened there is still seen from above. */
async function keepAbove(tx: Tx, before: Tree, after: Tree, keep: Kept[]): Promise<void> {
  const moved = keep.filter(({ unit }) => { const was = before.kept.get(unit.unitId); return was === undefined || was.unit.parentId !== unit.parentId; }).map(({ unit }) => unit.unitId);
  if (moved.length === 0) return;
  const children = childrenIn(after), found = new Set(moved);
  for (const unitId of found) for (const child of children.get(unitId) ?? []) found.add(child);
  await sql`delete from unit_above where unit_id = any(${[...found]}::text[])`.execute(tx);
  await aboveOf(tx, [...found]);
}
/** One statement, however many; null: all. */
async function aboveOf(tx: Tx, unitIds: string[] | null): Promise<void> {
  await sql`
    with recursive up (unit_id, ancestor_id, parent_id) as (
      select unit_id, unit_id, parent_id from unit where ${unitIds === null ? sql`true` : sql`unit_id = any(${unitIds}::text[])`}
      union all select up.unit_id, unit.unit_id, unit.parent_id from up join unit on unit.unit_id = up.parent_id)
    insert into unit_above (unit_id, ancestor_id) select unit_id, ancestor_id from up`.execute(tx);
}

/** The unit that each place lies in, as `moves` say it. */
async function keepPlaces(tx: Tx, moves: UnitMove[], index: UnitIndex): Promise<void> {
  for (const what of ['site', 'sensor'] as const) {
    const of = moves.filter((move) => move.what === what);
    if (of.length === 0) continue;
    await sql`update ${sql.table(what)} p set unit_id = m.unit_id from unnest(${of.map(({ id }) => id)}::text[], ${of.map(({ toUnitId }) => toUnitId)}::text[]) m (id, unit_id) where ${sql.ref(`p.${what}_id`)} = m.id`.execute(tx);
  }
  for (const row of await tx.selectFrom('site_gone').selectAll().execute()) {
    const place = checkSitePlace({ origin: row.origin, grid: row.grid }), unitId = place.ok ? index.lowestAt(middleOf(place.value.origin, place.value.grid)) : null;
    if (unitId !== row.unit_id && unitId !== null) await tx.updateTable('site_gone').set({ unit_id: unitId }).where('site_id', '=', row.site_id).execute();
  }
}
async function placeSites(tx: Tx, lowestAt: (point: LngLat) => string | null): Promise<void> {
  for (const row of await tx.selectFrom('site').select(['site_id', 'origin', 'grid']).execute()) {
    const place = checkSitePlace({ origin: row.origin, grid: row.grid });
    if (place.ok) await placeSite(tx, row.site_id, place.value, lowestAt);
  }
}
/** A site lies where the middle of its grid lies; its cameras where they were placed, with their site otherwise. */
export async function placeSite(tx: Tx, siteId: string, { origin, grid }: { origin: LngLat; grid: GridSpec }, lowestAt: (point: LngLat) => string | null): Promise<void> {
  await tx.updateTable('site').set({ unit_id: lowestAt(middleOf(origin, grid)) }).where('site_id', '=', siteId).execute();
  const sensors = await sql<{ sensor_id: string; position: unknown }>`select sensor_id, sensor->'calibration'->'position' as position from sensor where site_id = ${siteId}`.execute(tx);
  for (const sensor of sensors.rows) await tx.updateTable('sensor').set({ unit_id: sensorUnit(origin, grid, sensor.position, lowestAt) }).where('sensor_id', '=', sensor.sensor_id).execute();
}
export function sensorUnit(origin: LngLat, grid: GridSpec, position: unknown, lowestAt: (point: LngLat) => string | null): string | null {
  const checked = checkPosition(position);
  return lowestAt(checked.ok && checked.value !== null ? lngLatOf(origin, checked.value) : middleOf(origin, grid));
}

/** What stood in another lowest unit before: sites by the middle of their grid, cameras by where they were placed (their site's middle otherwise), open incidents by their place. */
async function movesBetween(tx: Tx, before: Tree, after: Tree): Promise<UnitMove[]> {
  const was = await indexOf(before), is = await indexOf(after), moves: UnitMove[] = [];
  const look = (what: UnitMove['what'], id: string, name: string, point: LngLat) => {
    const fromUnitId = was.lowestAt(point), toUnitId = is.lowestAt(point);
    if (fromUnitId !== toUnitId) moves.push({ what, id, name: name.slice(0, 200), fromUnitId, toUnitId });
  };
  for (const row of await tx.selectFrom('site').select(['site_id', 'name', 'origin', 'grid']).orderBy('ordinal').execute()) {
    const place = checkSitePlace({ origin: row.origin, grid: row.grid });
    if (!place.ok) continue;
    const middle = middleOf(place.value.origin, place.value.grid);
    look('site', row.site_id, row.name, middle);
    const sensors = await sql<{ sensor_id: string; name: string | null; position: unknown }>`select sensor_id, sensor->>'name' as name, sensor->'calibration'->'position' as position from sensor where site_id = ${row.site_id} order by ordinal`.execute(tx);
    for (const sensor of sensors.rows) {
      const position = checkPosition(sensor.position);
      look('sensor', sensor.sensor_id, sensor.name ?? '', position.ok && position.value !== null ? lngLatOf(place.value.origin, position.value) : middle);
    }
  }
  for (let from = ''; ;) {
    const incidents = await sql<{ incident_id: string; title: string | null; point: unknown }>`
      select i.incident_id, n.line->>'title' as title, n.line->'point' as point from incident i join incident_now n using (incident_id) where i.is_open and i.incident_id > ${from} order by i.incident_id limit 5000`.execute(tx);
    for (const row of incidents.rows) {
      const point = checkPoint(row.point);
      if (point.ok) look('incident', row.incident_id, row.title ?? '', point.value);
    }
    if (incidents.rows.length < 5000) return moves;
    from = incidents.rows.at(-1)!.incident_id;
  }
}
export const middleOf = (origin: LngLat, grid: GridSpec): LngLat => lngLatOf(origin, { xM: (grid.columns * grid.cellM) / 2, yM: (grid.rows * grid.cellM) / 2 });

// --- what a change makes of the tree
type ImportedUnit = Omit<Parameters<UnitsStore['importUnits']>[0][number], 'shape'> & { shape: Shape7 };
function* prepared(units: Parameters<UnitsStore['importUnits']>[0]): Generator<void, ImportedUnit[]> {
  const ready: ImportedUnit[] = [];
  for (const unit of units) {
    const shape = isPacked(unit.shape) ? unit.shape : shape7Of(unit.shape);
    areaM2Of(shape);
    insideOf(shape);
    ready.push({ ...unit, shape });
    yield;
  }
  return ready;
}
function* importInto(now: Tree, units: ImportedUnit[]): Generator<void, { keep: Kept[]; drop: string[]; added: number; changed: number }> {
  const byCode = new Map([...now.kept.values()].map((kept) => [kept.unit.code, kept]));
  const ids = new Map<string, { unitId: string; level: Unit['level'] }>();
  for (const { code, level } of units) {
    if (ids.has(code)) throw refused({ fault: 'codeTwice', code, otherCode: null });
    ids.set(code, { unitId: byCode.get(code)?.unit.unitId ?? newId(), level });
  }
  const keep: Kept[] = [];
  let added = 0, changed = 0;
  for (const { level, code, names, parentCode, shape } of units) {
    const known = byCode.get(code) ?? null;
    const parent = parentCode === null ? null : ids.get(parentCode) ?? (byCode.has(parentCode) ? byCode.get(parentCode)!.unit : undefined);
    if (parent === undefined) throw refused({ fault: 'parentUnknown', code, otherCode: parentCode });
    if (parent !== null && unitDepth(parent.level) >= unitDepth(level)) throw refused({ fault: 'parentLevelWrong', code, otherCode: parentCode });
    const unit = unitOf({ unitId: ids.get(code)!.unitId, level, code, names, parentId: parent?.unitId ?? null, version: (known?.unit.version ?? 0) + 1, demo: known?.unit.demo ?? false }, shape);
    if (known === null) added++;
    else if (sameUnit(known, unit, shape)) { yield; continue; }
    else changed++;
    keep.push({ unit, shape });
    yield;
  }
  return { keep, drop: [], added, changed };
}
function sameUnit(known: Kept, unit: Unit, shape: Shape7): boolean {
  const { version: _, ...was } = known.unit, { version: __, ...is } = unit;
  return JSON.stringify(was) === JSON.stringify(is) && Buffer.compare(bytesOfShape(known.shape), bytesOfShape(shape)) === 0;
}
const isPacked = (shape: UnitShape | Shape7): shape is Shape7 => Array.isArray(shape[0]);

/** As allFaultsOf; one that refuses is thrown, with the others behind it. */
async function faultsOf(now: Tree, unit: Unit, shape: Shape7): Promise<UnitFault[]> {
  const faults = await allFaultsOf(now, unit, shape), refusing = faults.filter((fault) => fault.weight === 'refuses');
  if (refusing.length > 0) throw refused(refusing[0]!, refusing.slice(1));
  return faults;
}
/** Faults of one unit by itself, in the tree and against what is around it. */
async function allFaultsOf(now: Tree, unit: Pick<Unit, 'unitId' | 'level' | 'code' | 'names' | 'parentId'>, shape: Shape7): Promise<UnitFault[]> {
  const codeOf = (unitId: string | null) => (unitId === null ? null : now.kept.get(unitId)?.unit.code ?? null);
  const treeUnit = (kept: Kept): TreeUnit => ({ code: kept.unit.code, level: kept.unit.level, name: kept.unit.names.en, parentCode: codeOf(kept.unit.parentId), shape: kept.shape, feature: null });
  const own: TreeUnit = { code: unit.code, level: unit.level, name: unit.names.en, parentCode: codeOf(unit.parentId), shape, feature: null };
  const parent = unit.parentId === null ? null : now.kept.get(unit.parentId);
  if (parent === undefined) return [faultOf(own, 'parentUnknown', { otherCode: unit.parentId })];
  if (chainIn(now, unit.parentId).some(({ unitId }) => unitId === unit.unitId)) return [faultOf(own, 'cycle', { otherCode: own.parentCode })];
  const siblings: TreeUnit[] = [], children: TreeUnit[] = [];
  for (const kept of now.kept.values()) {
    if (kept.unit.unitId === unit.unitId) continue;
    if (kept.unit.code === unit.code) return [faultOf(own, 'codeTwice', { otherCode: kept.unit.code })];
    if (kept.unit.parentId === unit.parentId) siblings.push(treeUnit(kept));
    if (kept.unit.parentId === unit.unitId) children.push({ ...treeUnit(kept), parentCode: unit.code });
  }
  return inSlices(checkOne({ unit: own, before: now.kept.get(unit.unitId)?.shape ?? null, parent: parent === null ? null : treeUnit(parent), siblings, children }));
}
function refused(fault: Pick<UnitFault, 'fault' | 'code' | 'otherCode'> & Partial<UnitFault>, others: UnitFault[] = []): Problem {
  return new Problem('unitRefused', { reason: faultWords(fault, 'en'), reasonZh: faultWords(fault, 'zh'), fault: fault.fault }, others.length === 0 ? fault.detail ?? null : others.map((other) => faultWords(other, 'en')).join('; ').slice(0, 2000));
}

function unitOf(unit: Omit<Unit, 'bounds' | 'areaM2'>, shape: Shape7): Unit {
  const { unitId, level, code, names, parentId, version, demo } = unit;
  const checked = checkUnit({ unitId, level, code, names, parentId, version, bounds: boundsOf(shape), areaM2: areaM2Of(shape), demo });
  if (!checked.ok) throw new Problem('inputWrong', { reason: `unit ${code}: ${checked.faults.map(({ path, says }) => `${path} ${says}`).join('; ').slice(0, 300)}` });
  return checked.value;
}
function boundsOf(shape: Shape7): Unit['bounds'] {
  const { west, south, east, north } = boxOf(shape);
  return { southWest: lngLatOf7(west, south), northEast: lngLatOf7(east, north) };
}
const newId = () => `u-${randomBytes(8).toString('hex')}`;
