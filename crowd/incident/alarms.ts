// What alarms do to an incident: they join it, raise its severity, and are noted when they end. None closes it, and none lowers it.
import { SEVERITY_OF_LEVEL, severityRank, type AttachedAlarm, type Incident } from '../../contract/incident.ts';
import { levelRank } from '../../contract/level.ts';
import { problemNote, type ProblemNote } from '../../contract/problem.ts';
import { notAllowed } from './allowed.ts';
import { bySystem, notify, set, tell, type Draft } from './draft.ts';
import { resetDeadlines } from './deadlines.ts';
import { isOnIt } from './lineOf.ts';
import { addActions } from './playbook.ts';

export const ALARMS_MOST = 200;

export function alarmChanged(draft: Draft, alarm: AttachedAlarm): ProblemNote | null {
  const { incident } = draft, before = incident.alarms.find(({ alarmId }) => alarmId === alarm.alarmId);
  // One that is over takes no new trouble in: that needs an incident of its own.
  if (incident.step === 'merged' || (incident.step === 'closed' && (before === undefined || levelRank(alarm.level) > levelRank(before.levelPeak)))) return notAllowed(incident, 'alarmChanged');
  if (before !== undefined && (alarm.changedAtMs < before.changedAtMs || (alarm.level === before.level && alarm.levelPeak === before.levelPeak && alarm.state === before.state))) return null;
  const { alarmId, rule, level, state } = alarm;
  if (before === undefined) {
    const kept = makeRoom(incident.alarms, 1);
    if (kept === null) return problemNote('tooMany', { most: ALARMS_MOST });
    set(draft, { alarms: [...kept, alarm] });
    tell(draft, 'alarmAttached', { alarmId, rule, level, state });
  } else {
    set(draft, { alarms: incident.alarms.map((one) => (one.alarmId === alarmId ? alarm : one)) });
    tell(draft, 'alarmChanged', { alarmId, rule, level, state, fromLevel: before.level, fromState: before.state });
  }
  // Only a level that this alarm never had: whoever set the severity by hand knew of the others.
  if (alarm.state !== 'closed' && (before === undefined || levelRank(level) > levelRank(before.levelPeak))) raiseSeverity(draft, alarm);
  return null;
}

/** Makes room by forgetting alarms that ended longest ago (their facts stay); null where too many are open. */
export function makeRoom(alarms: readonly AttachedAlarm[], wanted: number): AttachedAlarm[] | null {
  const over = alarms.length + wanted - ALARMS_MOST;
  if (over <= 0) return [...alarms];
  const ended = alarms.filter(({ state }) => state === 'closed').sort((a, b) => a.changedAtMs - b.changedAtMs).slice(0, over);
  return ended.length < over ? null : alarms.filter((alarm) => !ended.includes(alarm));
}

export function raiseSeverity(draft: Draft, { alarmId, level }: AttachedAlarm): void {
  const { severity, step } = draft.incident, to = level === 'calm' ? severity : SEVERITY_OF_LEVEL[level];
  if (step === 'closed' || severityRank(to) <= severityRank(severity)) return;
  set(draft, { severity: to });
  resetDeadlines(draft, true);
  addActions(draft);
  tell(draft, 'severityRaised', { from: severity, to, alarmId }, bySystem);
  notify(draft, 'info', onIt(draft.incident));
}
export const onIt = ({ assignments }: Incident): string[] => assignments.filter(({ state }) => state === 'asked' || isOnIt(state)).map(({ memberId }) => memberId);
