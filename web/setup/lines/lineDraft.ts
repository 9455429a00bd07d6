// A line while it is drawn: two ends, a name, level or stairs, and the settings of rules that differ from their defaults. Pure: values in, values out.
import type { LineBody } from '../../../contract/api.ts';
import type { FlowLine } from '../../../contract/flow.ts';
import type { GridSpec, SitePoint } from '../../../contract/geometry.ts';
import { answersOfSettings, type FormAnswers } from '../form/formFields.ts';
import { changedRules, type RuleForm } from '../zones/zoneDraft.ts';

export type LineDraft = { name: string; surface: FlowLine['surface']; ends: SitePoint[]; rules: Record<string, FormAnswers> };

export function draftOfLine(line: FlowLine | null, ruleForms: readonly RuleForm[]): LineDraft {
  const rules = Object.fromEntries(ruleForms.map(({ rule, fields }) => [rule, answersOfSettings(fields, line?.rules[rule] ?? {})]));
  return line === null ? { name: '', surface: 'level', ends: [], rules } : { name: line.name, surface: line.surface, ends: [line.a, line.b], rules };
}

/** The third point begins anew. */
export const withEnd = (draft: LineDraft, end: SitePoint): LineDraft => ({ ...draft, ends: draft.ends.length >= 2 ? draft.ends : [...draft.ends, rounded(end)] });
export const withEndAt = (draft: LineDraft, index: number, end: SitePoint): LineDraft => ({ ...draft, ends: draft.ends.map((was, at) => (at === index ? rounded(end) : was)) });
/** In becomes out. */
export const turned = (draft: LineDraft): LineDraft => ({ ...draft, ends: draft.ends.toReversed() });
/** For the keyboard: 6 m from west to east through the middle, or as much as the grid holds; in is to the south. */
export function withMiddleLine(draft: LineDraft, grid: GridSpec): LineDraft {
  const widthM = grid.columns * grid.cellM, depthM = grid.rows * grid.cellM, halfM = Math.min(3, widthM / 4);
  return { ...draft, ends: [{ xM: widthM / 2 - halfM, yM: depthM / 2 }, { xM: widthM / 2 + halfM, yM: depthM / 2 }].map(rounded) };
}

export const lengthM = ([a, b]: readonly SitePoint[]): number | null => (a === undefined || b === undefined ? null : Math.hypot(b.xM - a.xM, b.yM - a.yM));
export function bodyOfLine({ name, surface, ends, rules }: LineDraft, ruleForms: readonly RuleForm[]): LineBody | null {
  const [a, b] = ends;
  return a === undefined || b === undefined ? null : { name: name.trim(), surface, a, b, rules: changedRules({ rules }, ruleForms) };
}

const rounded = ({ xM, yM }: SitePoint): SitePoint => ({ xM: Math.round(xM * 100) / 100, yM: Math.round(yM * 100) / 100 });
