// What a unit wants, while it is written: own times by category, own categories, and what is left to the unit above. Pure.
import { DEADLINES, SEVERITIES, type DeadlineKind, type DeadlineSeconds, type Severity } from '../../../contract/incident.ts';
import { isBuiltInCategory, POLICY_DEFAULT, type OwnCategory, type UnitPolicy } from '../../../contract/playbook.ts';
import { refusedTerm } from '../../../crowd/refusedCategories.ts';

export type BySeverity = Record<Severity, DeadlineSeconds>;
export const BOUNDS: Record<DeadlineKind, { least: number; most: number }> = Object.fromEntries(DEADLINES.map((kind) => [kind, { least: 5, most: (kind === 'followUp' || kind === 'assess' ? 90 : 30) * 86_400 }])) as Record<DeadlineKind, { least: number; most: number }>;

/** Times that hold for a category, and whether they are the unit's own. Those of all other categories stand under '*'. */
export function timesOf(own: UnitPolicy, inForce: UnitPolicy, category: string): { times: BySeverity; isOwn: boolean } {
  const mine = own.deadlines[category];
  return mine !== undefined ? { times: mine, isOwn: true } : { times: inForce.deadlines[category] ?? own.deadlines['*'] ?? inForce.deadlines['*'] ?? POLICY_DEFAULT.deadlines['*'], isOwn: false };
}
/** Lines of the table: what some unit of the chain has times for, and everything else last. */
export const linesOf = (own: UnitPolicy, inForce: UnitPolicy): string[] => [...new Set([...Object.keys(own.deadlines), ...Object.keys(inForce.deadlines)])].filter((category) => category !== '*').toSorted().concat('*');

export const withTimes = (policy: UnitPolicy, category: string, times: BySeverity | null): UnitPolicy => {
  const { [category]: _gone, ...rest } = policy.deadlines;
  return { ...policy, deadlines: times === null ? rest : { ...rest, [category]: times } };
};
export const withTime = (policy: UnitPolicy, category: string, severity: Severity, kind: DeadlineKind, seconds: number): UnitPolicy => {
  const times = policy.deadlines[category];
  return times === undefined ? policy : withTimes(policy, category, { ...times, [severity]: { ...times[severity], [kind]: seconds } });
};
const GROWING = ['dispatch', 'acknowledge', 'onSite', 'underControl'] as const;
/** The first deadline of a line that is shorter than the one before it. */
export function outOfOrder(seconds: DeadlineSeconds): DeadlineKind | null {
  for (const [index, kind] of GROWING.entries()) if (index > 0 && seconds[kind] < seconds[GROWING[index - 1]!]) return kind;
  return null;
}

export type CategoryFault = 'codeWrong' | 'taken' | 'nameMissing' | 'refused';
export function categoryFault(own: readonly OwnCategory[], index: number, above: readonly OwnCategory[]): CategoryFault | null {
  const { category, names } = own[index]!;
  if (!/^[a-z][A-Za-z0-9]{0,31}$/.test(category)) return 'codeWrong';
  if (isBuiltInCategory(category) || above.some((one) => one.category === category) || own.findIndex((one) => one.category === category) !== index) return 'taken';
  if (names.en.trim() === '' && names.zh.trim() === '') return 'nameMissing';
  return refusedTerm([category, names.en, names.zh]) === null ? null : 'refused';
}
/** As it is sent: where only one name was given both are the same; times of a category that is gone go with it. */
export function policyBody(policy: UnitPolicy, above: readonly OwnCategory[]): UnitPolicy {
  const ownCategories = policy.ownCategories.map(({ category, names }) => ({ category, names: { en: names.en.trim() || names.zh.trim(), zh: names.zh.trim() || names.en.trim() } }));
  const known = new Set([...ownCategories, ...above].map(({ category }) => category));
  return { ...policy, ownCategories, deadlines: Object.fromEntries(Object.entries(policy.deadlines).filter(([category]) => category === '*' || isBuiltInCategory(category) || known.has(category))) };
}
export const hasFaults = (policy: UnitPolicy, above: readonly OwnCategory[]): boolean =>
  policy.ownCategories.some((_one, index) => categoryFault(policy.ownCategories, index, above) !== null) || Object.values(policy.deadlines).some((times) => SEVERITIES.some((severity) => outOfOrder(times[severity]) !== null));
