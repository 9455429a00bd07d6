// A zone while it is drawn: its corners, its limits, and the settings of rules that differ from their defaults. Pure: values in, values out.
import type { ZoneBody } from '../../../contract/api.ts';
import type { GridSpec, SitePoint } from '../../../contract/geometry.ts';
import { DEFAULT_LIMITS, type ZoneKind, type ZoneLimits } from '../../../contract/level.ts';
import type { AlarmSettings, Zone } from '../../../contract/site.ts';
import { answersOfSettings, settingsOfAnswers, type FormAnswers, type FormField } from '../form/formFields.ts';

export type ZoneDraft = {
  name: string; kind: ZoneKind; limits: ZoneLimits;
  corners: SitePoint[];
  /** False while corners are still being added by clicks. */
  isClosed: boolean;
  /** What is typed in the forms of the rules, by rule. */
  rules: Record<string, FormAnswers>;
};
export type RuleForm = { rule: string; fields: FormField[] };
/** The form of how a zone's alarms behave stands among those of its rules, under this name. */
export const ALARMS_FORM = 'alarms';

export const CORNERS_MOST = 200;
export const NAME_MOST = 80;

export function draftOfZone(zone: Zone | null, ruleForms: readonly RuleForm[]): ZoneDraft {
  const rules = Object.fromEntries(ruleForms.map(({ rule, fields }) => [rule, answersOfSettings(fields, (rule === ALARMS_FORM ? zone?.alarms : zone?.rules[rule]) ?? {})]));
  if (zone === null) return { name: '', kind: 'standing', limits: DEFAULT_LIMITS.standing, corners: [], isClosed: false, rules };
  return { name: zone.name, kind: zone.kind, limits: zone.limits, corners: zone.polygon, isClosed: true, rules };
}

/** Limits that were the old kind's defaults become the new kind's; limits that somebody has set stay. */
export function withKind(draft: ZoneDraft, kind: ZoneKind): ZoneDraft {
  return { ...draft, kind, limits: areDefaults(draft.limits, draft.kind) ? DEFAULT_LIMITS[kind] : draft.limits };
}
export const areDefaults = (limits: ZoneLimits, kind: ZoneKind): boolean => LIMIT_KEYS.every((key) => limits[key] === DEFAULT_LIMITS[kind][key]);
export const LIMIT_KEYS = ['noticePeoplePerM2', 'warningPeoplePerM2', 'dangerPeoplePerM2', 'criticalPeoplePerM2'] as const satisfies readonly (keyof ZoneLimits)[];

export const withCorner = (draft: ZoneDraft, corner: SitePoint): ZoneDraft => (draft.corners.length >= CORNERS_MOST ? draft : { ...draft, corners: [...draft.corners, rounded(corner)] });
export const withCornerAt = (draft: ZoneDraft, index: number, corner: SitePoint): ZoneDraft => ({ ...draft, corners: draft.corners.map((was, at) => (at === index ? rounded(corner) : was)) });
export const withCornerAfter = (draft: ZoneDraft, index: number, corner: SitePoint): ZoneDraft => (draft.corners.length >= CORNERS_MOST ? draft : { ...draft, corners: draft.corners.toSpliced(index + 1, 0, rounded(corner)) });
/** With fewer than three corners left there is nothing closed any more. */
export function withoutCorner(draft: ZoneDraft, index: number): ZoneDraft {
  const corners = draft.corners.toSpliced(index, 1);
  return { ...draft, corners, isClosed: draft.isClosed && corners.length >= 3 };
}
export const midpoint = (a: SitePoint, b: SitePoint): SitePoint => ({ xM: (a.xM + b.xM) / 2, yM: (a.yM + b.yM) / 2 });
/** For the keyboard, and for everyone who wants a plain rectangle: 10 m by 10 m in the middle, or as much as the grid holds. */
export function withRectangle(draft: ZoneDraft, grid: GridSpec): ZoneDraft {
  const widthM = grid.columns * grid.cellM, depthM = grid.rows * grid.cellM, halfX = Math.min(5, widthM / 4), halfY = Math.min(5, depthM / 4);
  const [x, y] = [widthM / 2, depthM / 2];
  return { ...draft, isClosed: true, corners: [{ xM: x - halfX, yM: y - halfY }, { xM: x + halfX, yM: y - halfY }, { xM: x + halfX, yM: y + halfY }, { xM: x - halfX, yM: y + halfY }].map(rounded) };
}

export function bodyOfZone(draft: ZoneDraft, ruleForms: readonly RuleForm[]): ZoneBody {
  const { [ALARMS_FORM]: alarms, ...rules } = changedRules(draft, ruleForms);
  return { name: draft.name.trim(), kind: draft.kind, limits: draft.limits, polygon: draft.corners, rules, ...(ruleForms.some(({ rule }) => rule === ALARMS_FORM) ? { alarms: (alarms ?? {}) as AlarmSettings } : {}) };
}

/** Only what differs from a rule's defaults is kept with the zone or line: a better default reaches every one that never asked for another. */
export function changedRules(draft: Pick<ZoneDraft, 'rules'>, ruleForms: readonly RuleForm[]): Record<string, Record<string, unknown>> {
  const rules: Record<string, Record<string, unknown>> = {};
  for (const { rule, fields } of ruleForms) {
    const settings = settingsOfAnswers(fields, draft.rules[rule] ?? {}), defaults = settingsOfAnswers(fields, answersOfSettings(fields, {}));
    const changed = Object.entries(settings).filter(([key, value]) => defaults[key] !== value);
    if (changed.length > 0) rules[rule] = Object.fromEntries(changed);
  }
  return rules;
}

const rounded = ({ xM, yM }: SitePoint): SitePoint => ({ xM: Math.round(xM * 100) / 100, yM: Math.round(yM * 100) / 100 });
