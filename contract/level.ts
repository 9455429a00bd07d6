// How bad it is, from calm to critical; the figures behind the default limits, with their sources.
import Type from 'typebox';
import { literals, strictObject } from './schema.ts';

export const LEVELS = ['calm', 'notice', 'warning', 'danger', 'critical'] as const;
export const Level = literals(LEVELS);
export type Level = Type.Static<typeof Level>;
export const levelRank = (level: Level): number => LEVELS.indexOf(level);
export const higherLevel = (a: Level, b: Level): Level => (levelRank(a) >= levelRank(b) ? a : b);

const limit = (title: string) => Type.Number({ title, description: 'people per square metre', minimum: 0.001, maximum: 10 });
/** People/m2 at which each level is raised; must grow from notice to critical (checked by zoneProblem of crowd/zoneShape.ts). */
export const ZoneLimits = strictObject({
  noticePeoplePerM2: limit('notice'), warningPeoplePerM2: limit('warning'), dangerPeoplePerM2: limit('danger'), criticalPeoplePerM2: limit('critical'),
});
export type ZoneLimits = Type.Static<typeof ZoneLimits>;

export const ZONE_KINDS = ['standing', 'walking', 'exit'] as const;
export const ZoneKind = literals(ZONE_KINDS);
export type ZoneKind = Type.Static<typeof ZoneKind>;

// standing: 2 walking slowed (Fruin, in EPJ Data Science 10.1140/epjds17 table 1; HSE Event Safety Guide 0.5 m2 a person); 3.5 under Fruin's involuntary contact 3.57;
//   4.7 UK Green Guide's upper limit for standing viewers (47 per 10 m2); 5.5 high risk for a static crowd (G. Keith Still), Fruin's dangerous forces 5.55.
// walking: 3.57 is contact for a walking crowd and 4 the onset of collective oscillation (Nature 638:112, 2025), so each level starts lower.
// exit: a walking crowd that must keep flowing; 2 /m2 already slows it (Fruin).
export const DEFAULT_LIMITS: Record<ZoneKind, ZoneLimits> = {
  standing: { noticePeoplePerM2: 2, warningPeoplePerM2: 3.5, dangerPeoplePerM2: 4.7, criticalPeoplePerM2: 5.5 },
  walking: { noticePeoplePerM2: 1.5, warningPeoplePerM2: 2.5, dangerPeoplePerM2: 3.5, criticalPeoplePerM2: 4 },
  exit: { noticePeoplePerM2: 1, warningPeoplePerM2: 2, dangerPeoplePerM2: 3, criticalPeoplePerM2: 3.5 },
};

export function limitOf(limits: ZoneLimits, level: Exclude<Level, 'calm'>): number {
  switch (level) {
    case 'notice': return limits.noticePeoplePerM2;
    case 'warning': return limits.warningPeoplePerM2;
    case 'danger': return limits.dangerPeoplePerM2;
    case 'critical': return limits.criticalPeoplePerM2;
  }
}
