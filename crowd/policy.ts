// What a unit wants, out of its own wishes and those of the units above; and which playbook fits. Pure.
import { DEADLINES, SEVERITIES, severityRank, type Category, type DeadlineSeconds, type Severity } from '../contract/incident.ts';
import { isBuiltInCategory, POLICY_DEFAULT, type OwnCategory, type Playbook, type UnitPolicy } from '../contract/playbook.ts';
import { problemNote, type ProblemNote } from '../contract/problem.ts';
import { refusedTerm } from './refusedCategories.ts';

export const NO_POLICY: UnitPolicy = { ownCategories: [], deadlines: {} };

/** Field by field the nearest: `policies` from the unit itself up to the top. Own categories of all of them hold, deadlines by category. In the end POLICY_DEFAULT. */
export function policyInForce(policies: readonly UnitPolicy[]): Required<UnitPolicy> {
  const inForce: Required<UnitPolicy> = { ...POLICY_DEFAULT, ownCategories: [], deadlines: {} };
  const nearest = <K extends 'opensFromLevel' | 'opensForSensors' | 'askWhyToLook' | 'answerS'>(field: K): Required<UnitPolicy>[K] => {
    for (const policy of policies) if (policy[field] !== undefined) return policy[field] as Required<UnitPolicy>[K];
    return POLICY_DEFAULT[field] as Required<UnitPolicy>[K];
  };
  inForce.opensFromLevel = nearest('opensFromLevel');
  inForce.opensForSensors = nearest('opensForSensors');
  inForce.askWhyToLook = nearest('askWhyToLook');
  inForce.answerS = nearest('answerS');
  const categories = new Map<Category, OwnCategory>();
  for (const policy of [...policies, POLICY_DEFAULT as UnitPolicy]) {
    for (const own of policy.ownCategories) if (!categories.has(own.category)) categories.set(own.category, own);
    for (const [category, seconds] of Object.entries(policy.deadlines)) inForce.deadlines[category] ??= seconds;
  }
  inForce.ownCategories = [...categories.values()];
  return inForce;
}

/** Those of the category where any unit of the chain has some, those of '*' otherwise. */
export function deadlinesFor(inForce: Required<UnitPolicy>, category: Category, severity: Severity): DeadlineSeconds {
  return (Object.hasOwn(inForce.deadlines, category) ? inForce.deadlines[category]! : inForce.deadlines['*'] ?? POLICY_DEFAULT.deadlines['*'])[severity];
}

/** The zone's own before the site's; of those of the category the one of the highest severity at or under the incident's; null where none fits. */
export function playbookFor(playbooks: readonly Playbook[], of: { zoneId: string | null; category: Category; severity: Severity }): Playbook | null {
  const fitting = playbooks.filter((playbook) => playbook.category === of.category && severityRank(playbook.severityLeast) <= severityRank(of.severity));
  const highest = (some: Playbook[]) => some.reduce<Playbook | null>((best, one) => (best === null || severityRank(one.severityLeast) > severityRank(best.severityLeast) ? one : best), null);
  return (of.zoneId === null ? null : highest(fitting.filter(({ zoneId }) => zoneId === of.zoneId))) ?? highest(fitting.filter(({ zoneId }) => zoneId === null));
}

/** Why a policy cannot be kept; null: it can. `above`: own categories of the units above, whose codes are taken. */
export function policyProblem(policy: UnitPolicy, above: readonly OwnCategory[]): ProblemNote | null {
  const codes = new Set<string>();
  for (const { category, names } of policy.ownCategories) {
    const term = refusedTerm([category, names.en, names.zh]);
    if (term !== null) return problemNote('categoryRefused', {}, `${names.en} / ${names.zh}: ${term}`);
    if (isBuiltInCategory(category)) return problemNote('inputWrong', { reason: `the category ${category} is there for everybody` });
    if (codes.has(category)) return problemNote('inputWrong', { reason: `the category ${category} stands twice` });
    if (above.some((one) => one.category === category)) return problemNote('inputWrong', { reason: `the category ${category} is one of a unit above` });
    codes.add(category);
  }
  for (const [category, bySeverity] of Object.entries(policy.deadlines)) {
    if (category !== '*' && !isBuiltInCategory(category) && !codes.has(category) && !above.some((one) => one.category === category)) return problemNote('incidentCategoryUnknown', { category });
    for (const severity of SEVERITIES) {
      const seconds = bySeverity[severity];
      for (const [index, kind] of GROWING.entries()) {
        const before = GROWING[index - 1];
        if (before !== undefined && seconds[kind] < seconds[before]) return problemNote('deadlinesOutOfOrder', {}, `${category}, ${severity}`);
      }
    }
  }
  return null;
}
/** Counted from the report, one after the other; followUp and assess begin anew. */
const GROWING = DEADLINES.filter((kind) => kind !== 'followUp' && kind !== 'assess');
