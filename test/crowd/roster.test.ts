// Whose shift it is, what a unit wants, which playbook fits, and which categories are refused.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEADLINES_DEFAULT, SEVERITIES, type DeadlineSeconds } from '../../contract/incident.ts';
import { POLICY_DEFAULT, type Playbook, type UnitPolicy } from '../../contract/playbook.ts';
import type { Member, Shift } from '../../contract/unit.ts';
import { deadlinesFor, playbookFor, policyInForce, policyProblem } from '../../crowd/policy.ts';
import { refusedTerm } from '../../crowd/refusedCategories.ts';
import { isOnShift, onDutyAt, shiftMinute } from '../../crowd/roster.ts';
import { localClock } from '../../store/localClock.ts';

const member = (memberId: string, over: Partial<Member> = {}): Member => ({ memberId, unitId: 'u', name: memberId, duty: 'fieldWorker', language: 'zh', contacts: [], enabled: true, ...over });
const shift = (memberId: string, over: Partial<Shift> = {}): Shift => ({ shiftId: `h-${memberId}-${JSON.stringify(over).length}`, unitId: 'u', memberId, weekdays: [1, 2, 3, 4, 5], startMinute: 8 * 60, endMinute: 16 * 60, order: 0, ...over });
/** Monday 5 January 2026. */
const MONDAY = Date.UTC(2026, 0, 5) / 60_000;
const at = (day: number, hour: number, minute = 0) => MONDAY + day * 1440 + hour * 60 + minute;
const names = (members: Member[]) => members.map(({ memberId }) => memberId);

describe('shifts', () => {
  test('PP1 a shift begins with its first minute and ends before its last, on its weekdays only', () => {
    const on = (minute: number) => names(onDutyAt([member('a')], [shift('a')], minute));
    expect([at(0, 7, 59), at(0, 8), at(0, 15, 59), at(0, 16), at(4, 12), at(5, 12), at(6, 12), at(7, 12)].map((minute) => on(minute).length)).toEqual([0, 1, 1, 0, 1, 0, 0, 1]);
  });
  test('PP2 a shift past midnight belongs to the day on which it starts', () => {
    const night = shift('a', { weekdays: [5], startMinute: 22 * 60, endMinute: 6 * 60 }); // Friday
    const on = (day: number, hour: number) => isOnShift(night, at(day, hour));
    expect([on(4, 21), on(4, 22), on(5, 0), on(5, 5), on(5, 6), on(5, 22), on(4, 5), on(3, 23)]).toEqual([false, true, true, true, false, false, false, false]);
    // Sunday into Monday.
    expect(isOnShift({ ...night, weekdays: [7] }, at(7, 3))).toBe(true);
  });
  test('PP2 start and end alike is the whole day and night', () => {
    const whole = shift('a', { weekdays: [2], startMinute: 420, endMinute: 420 });
    expect([at(1, 6, 59), at(1, 7), at(1, 23), at(2, 6, 59), at(2, 7)].map((minute) => isOnShift(whole, minute))).toEqual([false, true, true, true, false]);
  });
  test('PP3 a unit without any shift has all its enabled members on duty; one with shifts only those whose shift it is', () => {
    const members = [member('a'), member('b', { enabled: false }), member('c')];
    expect(names(onDutyAt(members, [], at(6, 3)))).toEqual(['a', 'c']);
    expect(names(onDutyAt(members, [shift('a')], at(6, 3)))).toEqual([]);
    // Somebody who is switched off is not on duty, whatever the shift says.
    expect(names(onDutyAt(members, [shift('a'), shift('b')], at(0, 9)))).toEqual(['a']);
  });
  test('PP4 asked by the order of the shift, then as they were added; duty officers last; nobody twice', () => {
    const members = [member('officer', { duty: 'dutyOfficer' }), member('a'), member('b'), member('c', { duty: 'operator' })];
    const shifts = [shift('officer', { order: 0 }), shift('a', { order: 5 }), shift('b', { order: 1 }), shift('c', { order: 5 }), shift('a', { order: 0, startMinute: 9 * 60 })];
    expect(names(onDutyAt(members, shifts, at(0, 8, 30)))).toEqual(['b', 'a', 'c', 'officer']);
    expect(names(onDutyAt(members, shifts, at(0, 9, 30)))).toEqual(['a', 'b', 'c', 'officer']);
  });

  const berlin = localClock('Europe/Berlin');
  const berlinMinute = (...utc: [number, number, number, number, number]) => shiftMinute(berlin, Date.UTC(...utc) / 60_000);
  test('PP5 clocks set forward: a shift that begins in the missing hour begins after it, and the one before ends there', () => {
    // 29 March 2026, a Sunday: 02:00 -> 03:00 at 01:00 UTC.
    const before = shift('a', { weekdays: [6], startMinute: 22 * 60, endMinute: 150 }), after = shift('b', { weekdays: [7], startMinute: 150, endMinute: 600 });
    const on = (minute: number) => names(onDutyAt([member('a'), member('b')], [before, after], minute));
    expect(on(berlinMinute(2026, 2, 29, 0, 59))).toEqual(['a']);
    expect(on(berlinMinute(2026, 2, 29, 1, 0))).toEqual(['b']);
    expect(on(berlinMinute(2026, 2, 29, 7, 59))).toEqual(['b']);
    expect(on(berlinMinute(2026, 2, 29, 8, 0))).toEqual([]);
  });
  test('PP6 clocks set back: the hour that comes twice is one long hour, and nobody whose shift has ended is on duty again', () => {
    // 25 October 2026, a Sunday: 03:00 -> 02:00 at 01:00 UTC.
    const before = shift('a', { weekdays: [6], startMinute: 22 * 60, endMinute: 150 }), after = shift('b', { weekdays: [7], startMinute: 150, endMinute: 600 });
    const on = (hour: number, minute: number) => names(onDutyAt([member('a'), member('b')], [before, after], berlinMinute(2026, 9, 25, hour, minute)));
    expect([on(0, 29), on(0, 30), on(1, 0), on(1, 29), on(1, 59), on(2, 0), on(8, 59), on(9, 0)]).toEqual([['a'], ['b'], ['b'], ['b'], ['b'], ['b'], ['b'], []]);
    // Without change the minute is the clock's own.
    expect(berlinMinute(2026, 5, 1, 12, 0)).toBe(berlin(Date.UTC(2026, 5, 1, 12) / 60_000));
  });
  test('PP7 shifts that follow each other around the clock leave no minute without anybody and none with two, in any time zone, clock changes and all', () => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
    console.log(`shifts around the clock: SEED=${seed}`);
    fc.assert(fc.property(fc.constantFrom('Europe/Berlin', 'Asia/Shanghai', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC'), fc.uniqueArray(fc.integer({ min: 0, max: 1439 }), { minLength: 1, maxLength: 4 }), fc.constantFrom(Date.UTC(2026, 2, 28), Date.UTC(2026, 9, 24), Date.UTC(2026, 3, 4), Date.UTC(2026, 9, 3), Date.UTC(2026, 2, 7), Date.UTC(2026, 10, 1)), (zone, given, fromMs) => {
      const clock = localClock(zone), starts = given.sort((a, b) => a - b), people = starts.map((_start, index) => member(`m${index}`));
      const shifts = starts.map((start, index) => shift(`m${index}`, { weekdays: [1, 2, 3, 4, 5, 6, 7], startMinute: start, endMinute: starts[(index + 1) % starts.length]! }));
      let last = -Infinity;
      for (let minute = fromMs / 60_000; minute < fromMs / 60_000 + 2 * 1440; minute += 5) {
        const local = shiftMinute(clock, minute);
        if (local < last) throw new Error(`${zone}: the minute went back at ${new Date(minute * 60_000).toISOString()}`);
        last = local;
        if (onDutyAt(people, shifts, local).length !== 1) throw new Error(`${zone}: ${onDutyAt(people, shifts, local).length} on duty at ${new Date(minute * 60_000).toISOString()}`);
      }
    }), { seed, numRuns: 60 });
  });
});

const seconds = (first: number): DeadlineSeconds => ({ dispatch: first, acknowledge: first + 1, onSite: first + 2, underControl: first + 3, followUp: 60, assess: 60 });
const bySeverity = (first: number) => ({ minor: seconds(first), moderate: seconds(first), serious: seconds(first), critical: seconds(first) });

describe('policies', () => {
  const grid: UnitPolicy = { ownCategories: [{ category: 'ice', names: { en: 'Ice', zh: '结冰' } }], deadlines: { '*': bySeverity(10) }, answerS: 20 };
  const community: UnitPolicy = { ownCategories: [], deadlines: {}, opensFromLevel: null };
  const city: UnitPolicy = { ownCategories: [{ category: 'lift', names: { en: 'Lift', zh: '电梯' } }], deadlines: { '*': bySeverity(30), fire: bySeverity(40) }, opensFromLevel: 'notice', opensForSensors: false, answerS: 90 };

  test('PP8 field by field the nearest unit that says something; in the end the default', () => {
    const inForce = policyInForce([grid, community, city]);
    expect(inForce).toEqual({ answerS: 20, opensFromLevel: null, opensForSensors: false, askWhyToLook: false, deadlines: { '*': bySeverity(10), fire: bySeverity(40) }, ownCategories: [...grid.ownCategories, ...city.ownCategories] });
    expect(policyInForce([])).toEqual(POLICY_DEFAULT);
    expect(policyInForce([community, city]).answerS).toBe(90);
  });
  test('PP9 deadlines of the category where any unit of the chain has some, of all categories otherwise', () => {
    const inForce = policyInForce([grid, community, city]);
    expect(deadlinesFor(inForce, 'fire', 'minor')).toEqual(seconds(40));
    expect(deadlinesFor(inForce, 'crowding', 'critical')).toEqual(seconds(10));
    expect(deadlinesFor(policyInForce([]), 'gas', 'serious')).toEqual(DEADLINES_DEFAULT.serious);
    // No name of a property that every object has is a category.
    expect(deadlinesFor(inForce, 'constructor', 'minor')).toEqual(seconds(10));
  });
  test('PP9 in a dense zone: acknowledged within 1, on site within 3, under control within 5 minutes', () => {
    const { acknowledge, onSite, underControl } = deadlinesFor(policyInForce([]), 'crowding', 'serious');
    expect([acknowledge, onSite, underControl]).toEqual([60, 180, 300]);
  });
  const refusal = (policy: Partial<UnitPolicy>, above: UnitPolicy['ownCategories'] = []) => policyProblem({ ownCategories: [], deadlines: {}, ...policy }, above);
  const named = (category: string, en = 'Something', zh = '其他') => ({ ownCategories: [{ category, names: { en, zh } }] });
  test('PP10 codes of own categories are their own: not built in, not twice, not those of a unit above', () => {
    expect(refusal(grid)).toBeNull();
    expect(refusal(named('fire'))).toMatchObject({ code: 'inputWrong' });
    expect(refusal({ ownCategories: [...grid.ownCategories, ...grid.ownCategories] })).toMatchObject({ code: 'inputWrong' });
    expect(refusal(named('lift'), city.ownCategories)).toMatchObject({ code: 'inputWrong' });
  });
  test('PP10 deadlines are of categories that are there, and of growing length', () => {
    expect(refusal({ deadlines: { flood: bySeverity(10) } })).toMatchObject({ code: 'incidentCategoryUnknown', values: { category: 'flood' } });
    expect(refusal({ deadlines: { lift: bySeverity(10) } }, city.ownCategories)).toBeNull();
    expect(refusal({ ...named('flood'), deadlines: { flood: bySeverity(10), '*': bySeverity(5) } })).toBeNull();
    for (const severity of SEVERITIES) {
      expect(refusal({ deadlines: { fire: { ...bySeverity(10), [severity]: { ...seconds(10), onSite: 9 } } } })).toMatchObject({ code: 'deadlinesOutOfOrder', detail: `fire, ${severity}` });
    }
    // Follow-up and assessment begin anew: they may be short.
    expect(refusal({ deadlines: { fire: { ...bySeverity(10_000), minor: { ...seconds(10_000), followUp: 5, assess: 5 } } } })).toBeNull();
  });
});

describe('categories', () => {
  test.each([
    ['protest', 'Protest', '抗议'], ['x1', 'Illegal gathering', '其他'], ['x2', 'Other', '非法聚集'], ['massPetition', 'Other', '其他'], ['x3', 'Religious activity', '其他'], ['x4', 'Other', '宗教活动'],
    ['x5', 'Ethnic minorities', '其他'], ['x6', 'Other', '少数民族'], ['x7', 'Migrant workers', '其他'], ['x8', 'Other', '外来人口'], ['x9', 'Political slogans', '其他'], ['x10', 'Other', '敏感言论'],
    ['x11', 'Foreigners', '其他'], ['x12', 'Women', '其他'], ['x13', 'Other', '上访人员'], ['x14', 'Other', '游 行 示 威'], ['x15', 'PROTESTERS', '其他'], ['x16', 'Ｐｒｏｔｅｓｔ', '其他'], ['x17', 'Other', '遊行'], ['mentallyIll', 'Other', '其他'], ['x18', 'Other', '重点人员'], ['x19', 'Homeless', '流浪人员'], ['x20', 'Criminals', '其他'],
  ])('PP11 %s (%s, %s) is refused: a kind of people, a belief, an opinion or a gathering as such', (category, en, zh) => {
    expect(refusedTerm([category, en, zh])).not.toBeNull();
    expect(policyProblem({ ownCategories: [{ category, names: { en, zh } }], deadlines: {} }, [])).toMatchObject({ code: 'categoryRefused' });
  });
  test.each([
    ['ice', 'Ice on the way', '路面结冰'], ['lift', 'Lift stuck', '电梯困人'], ['fallingGlass', 'Falling glass', '玻璃坠落'], ['heat', 'Extreme heat', '极端高温'], ['assemblyPoint', 'Assembly point blocked', '集合点堵塞'], ['manhole', 'Manhole cover missing', '井盖缺失'], ['powerCut', 'Power cut', '停电'],
    ['suspiciousPackage', 'Suspicious package', '可疑包裹'], ['chemical', 'Chemical spill', '化学品泄漏'], ['meetingPoint', 'Meeting point in the dark', '会合处照明故障'], ['raceTrack', 'Race track fence', '赛道护栏'], ['escalator', 'Escalator', '自动扶梯'], ['playground', "Children's playground", '儿童游乐设施'], ['viewpoint', 'Viewpoint railing', '景观点护栏'], ['roadBlocked', 'Road blocked', '堵路'], ['mandatory', 'Mandarin oranges', '地面湿滑'], ['lightning', 'Lightning strike', '雷击'],
  ])('PP11 %s (%s, %s) is a place or a danger', (category, en, zh) => { expect(refusedTerm([category, en, zh])).toBeNull(); });
  test('PP11 the built-in ones pass their own guard, and so do all deadlines of the default', () => {
    expect(policyProblem(POLICY_DEFAULT as UnitPolicy, [])).toBeNull();
    expect(refusedTerm(['crowding', 'Crowding', '拥挤', 'medicalHelp', 'Medical help', '医疗救助'])).toBeNull();
  });
});

describe('playbooks', () => {
  const playbook = (playbookId: string, over: Partial<Playbook>): Playbook => ({ playbookId, siteId: 's', zoneId: 'z', category: 'crowding', severityLeast: 'minor', actions: [{ actionId: 'a', kind: 'task', words: { en: 'Go', zh: '去' }, owner: 'fieldWorker', withinS: 60, channelId: null, payload: null }], ...over });
  const all = [playbook('zoneMinor', {}), playbook('zoneSerious', { severityLeast: 'serious' }), playbook('siteCritical', { zoneId: null, severityLeast: 'critical' }), playbook('siteFire', { zoneId: null, category: 'fire', severityLeast: 'moderate' }), playbook('otherZone', { zoneId: 'y', severityLeast: 'critical' })];
  const chosen = (zoneId: string | null, category: string, severity: (typeof SEVERITIES)[number]) => playbookFor(all, { zoneId, category, severity })?.playbookId ?? null;
  test('PP12 the highest severity at or under the incident\'s, the zone\'s own before the site\'s, never one of another category or zone', () => {
    expect(chosen('z', 'crowding', 'minor')).toBe('zoneMinor');
    expect(chosen('z', 'crowding', 'moderate')).toBe('zoneMinor');
    expect(chosen('z', 'crowding', 'critical')).toBe('zoneSerious');
    expect(chosen('other', 'crowding', 'critical')).toBe('siteCritical');
    expect(chosen('other', 'crowding', 'serious')).toBeNull();
    expect(chosen(null, 'crowding', 'critical')).toBe('siteCritical');
    expect(chosen('z', 'fire', 'moderate')).toBe('siteFire');
    expect(chosen('z', 'fire', 'minor')).toBeNull();
    expect(chosen('z', 'gas', 'critical')).toBeNull();
  });
});
