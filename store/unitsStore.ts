// What lasts of units: the tree, its outlines, what stands in them, and every change of it. Part of Store.
import type { UnitBody } from '../contract/apiIncidents.ts';
import type { LngLat } from '../contract/geometry.ts';
import type { Unit, UnitChain, UnitChange, UnitFault, UnitMove, UnitShape } from '../contract/unit.ts';
import type { Shape7 } from '../crowd/units/shape.ts';

export interface UnitsStore {
  units(): Promise<Unit[]>;
  unit(unitId: string): Promise<Unit | null>;
  unitShape(unitId: string): Promise<UnitShape | null>;
  /** From the lowest unit that the point lies in up to the top; empty where none is drawn. Answered from an index in memory that follows every change of the tree, also of other processes. */
  unitsAt(point: LngLat): Promise<UnitChain>;
  /** The unit itself and those above it. */
  unitChain(unitId: string): Promise<UnitChain>;
  /** Ids of the unit and all below it. */
  unitSubtree(unitId: string): Promise<string[]>;
  /** One unit added or changed; faults that refuse are a Problem (unitRefused) with the first of them, the rest in its detail. */
  addUnit(body: UnitBody & { unitId?: string; demo?: boolean }): Promise<{ unit: Unit; faults: UnitFault[]; moves: UnitMove[] }>;
  /** What addUnit (`unitId` null) or changeUnit would say of it, without taking it. */
  checkUnit(body: Pick<UnitBody, 'level' | 'code' | 'names' | 'parentId' | 'shape'>, unitId: string | null): Promise<UnitFault[]>;
  changeUnit(unitId: string, body: UnitBody): Promise<{ unit: Unit; faults: UnitFault[]; moves: UnitMove[] }>;
  removeUnit(unitId: string, by: string): Promise<{ moves: UnitMove[] }>;
  /**
   * All or nothing; units are recognised by their code, those that are the same as before stay untouched. Codes, levels and parents are looked at here; outlines are to be checked before
   * (crowd/units/checkUnits.ts), against unitOutlines(), whose version is `seenVersion`: changedMeanwhile when the tree is another one by now.
   */
  importUnits(units: { level: Unit['level']; code: string; names: Unit['names']; parentCode: string | null; shape: UnitShape | Shape7 }[], by: string, seenVersion?: number): Promise<{ added: number; changed: number; moves: UnitMove[] }>;
  /** The whole tree with its outlines as they lie in memory: not to be changed. `treeVersion` grows with changes of units alone. */
  unitOutlines(): Promise<{ version: number; treeVersion: number; units: { unit: Unit; shape: Shape7 }[] }>;
  unitChanges(most: number): Promise<UnitChange[]>;
  /** Grows with each change of units, people, policies or playbooks. */
  unitsVersion(): Promise<number>;
  onUnits(listener: () => void): () => void;
}
