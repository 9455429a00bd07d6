// The shifts of the week as a table that is filled in by keyboard alone, and the hours in which nobody would be on duty. Kept when asked to.
import { Button, Checkbox, NativeSelect, Table, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Member, Shift } from '../../../contract/unit.ts';
import type { Trouble } from '../api.ts';
import { NumberField } from '../NumberField.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { orgApi } from '../units/orgApi.ts';
import { bodyOf, draftsOf, gapsOf, minuteOf, shiftChanges, shiftFaults, timeOf, type ShiftDraft } from './week.ts';

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const GAPS_SHOWN = 6;
const SHIFTS_MOST = 1000;
let keys = 0;

export function ShiftTable({ unitId, members, shifts, onSaved }: { unitId: string; members: readonly Member[]; shifts: readonly Shift[]; onSaved: () => void }) {
  const { t } = useTranslation('org');
  const [drafts, setDrafts] = useState<ShiftDraft[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false), [wasAsked, setWasAsked] = useState(false);
  const now = drafts ?? draftsOf(shifts);
  const changes = shiftChanges(shifts, now), isDirty = drafts !== null && (changes.add.length + changes.change.length + changes.remove.length > 0 || now.some((draft) => bodyOf(draft) === null));
  const { question } = useUnsaved(isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(shifts), isDirty: isDirty && !isSaving, take: () => setDrafts(null) });
  const faults = shiftFaults(now), gaps = useMemo(() => gapsOf(members, now), [members, now]);
  const change = (key: string, to: Partial<ShiftDraft>) => setDrafts(now.map((draft) => (draft.key === key ? { ...draft, ...to } : draft)));
  const add = () => {
    const last = now.at(-1);
    // The next shift mostly begins where the last one ends.
    setDrafts([...now, { key: `new${keys++}`, shiftId: null, memberId: members.find(({ memberId }) => !now.some((draft) => draft.memberId === memberId))?.memberId ?? members[0]!.memberId, weekdays: last?.weekdays ?? [1, 2, 3, 4, 5], from: last?.until ?? '08:00', until: last === undefined ? '16:00' : timeOf(((minuteOf(last.until) ?? 480) + 480) % 1440), order: 0 }]);
  };
  const save = async () => {
    setWasAsked(true);
    if (faults.length > 0) return;
    setIsSaving(true);
    // One after the other; what failed is still in the table, and what was kept is not asked for twice.
    let failed: Trouble | null = null;
    for (const shiftId of changes.remove) { const answer = await orgApi.removeShift(shiftId); if (!answer.ok && !(answer.trouble.from === 'server' && answer.trouble.note.code === 'notFound')) { failed = answer.trouble; break; } }
    if (failed === null) for (const { shiftId, body } of changes.change) { const answer = await orgApi.changeShift(shiftId, body); if (!answer.ok) { failed = answer.trouble; break; } }
    const kept = new Map<string, string>();
    if (failed === null) for (const draft of now) {
      const body = draft.shiftId === null ? bodyOf(draft) : null;
      if (body === null) continue;
      const answer = await orgApi.addShift(unitId, body);
      if (!answer.ok) { failed = answer.trouble; break; }
      kept.set(draft.key, answer.value.shiftId);
    }
    setTrouble(failed);
    setDrafts(failed === null ? null : now.map((draft) => ({ ...draft, shiftId: draft.shiftId ?? kept.get(draft.key) ?? null })));
    setIsSaving(false);
    setWasAsked(false);
    onSaved();
  };
  const dayOf = (minute: number) => t(`shifts.days.d${(Math.floor(minute / 1440) % 7 + 1) as 1}`);

  return (
    <section className="setup-panel setup-site-block" aria-labelledby="org-shifts">
      {question}{meanwhile}
      <h2 id="org-shifts">{t('shifts.title')}</h2>
      <p className="setup-quiet">{t('shifts.hint')}</p>
      {now.length === 0 ? <p>{members.length === 0 ? t('shifts.addPeopleFirst') : t('shifts.none')}</p> : (
        <Table.ScrollContainer minWidth={820}>
          <Table className="setup-table lines org-shifts" verticalSpacing={3} horizontalSpacing={6} aria-label={t('shifts.table')}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('shifts.column.who')}</Table.Th>{DAYS.map((day) => <Table.Th key={day} scope="col">{t(`shifts.days.d${day}`)}</Table.Th>)}<Table.Th scope="col">{t('shifts.column.from')}</Table.Th><Table.Th scope="col">{t('shifts.column.until')}</Table.Th><Table.Th scope="col">{t('shifts.column.order')}</Table.Th><Table.Th scope="col"><span className="setup-hidden">{t('shifts.column.remove')}</span></Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{now.map((draft, index) => {
              const number = index + 1, from = minuteOf(draft.from), until = minuteOf(draft.until);
              return (
                <Table.Tr key={draft.key}>
                  <Table.Td><NativeSelect size="xs" aria-label={t('shifts.cell.who', { number })} value={draft.memberId} onChange={(event) => change(draft.key, { memberId: event.currentTarget.value })} data={members.map(({ memberId, name }) => ({ value: memberId, label: name }))} /></Table.Td>
                  {DAYS.map((day) => <Table.Td key={day}><Checkbox size="xs" aria-label={t('shifts.cell.day', { number, day: t(`shifts.days.d${day}`) })} checked={draft.weekdays.includes(day)} onChange={(event) => change(draft.key, { weekdays: event.currentTarget.checked ? [...draft.weekdays, day] : draft.weekdays.filter((each) => each !== day) })} /></Table.Td>)}
                  <Table.Td><TextInput size="xs" className="org-time" aria-label={t('shifts.cell.from', { number })} value={draft.from} maxLength={5} autoComplete="off" error={from === null} onChange={(event) => change(draft.key, { from: event.currentTarget.value })} /></Table.Td>
                  <Table.Td><span className="org-until"><TextInput size="xs" className="org-time" aria-label={t('shifts.cell.until', { number })} value={draft.until} maxLength={5} autoComplete="off" error={until === null} onChange={(event) => change(draft.key, { until: event.currentTarget.value })} />{from !== null && until !== null && until <= from && <span className="setup-quiet">{t('shifts.nextDay')}</span>}</span></Table.Td>
                  <Table.Td><span className="org-order"><NumberField isLabelHidden label={t('shifts.cell.order', { number })} value={draft.order + 1} least={1} most={1001} digits={0} onChange={(value) => { if (value !== null) change(draft.key, { order: Math.round(value) - 1 }); }} /></span></Table.Td>
                  <Table.Td><Button size="compact-xs" variant="subtle" aria-label={t('shifts.cell.remove', { number })} onClick={() => setDrafts(now.filter(({ key }) => key !== draft.key))}>✕</Button></Table.Td>
                </Table.Tr>
              );
            })}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Button size="compact-sm" variant="default" mt={6} disabled={members.length === 0 || now.length >= SHIFTS_MOST} onClick={add}>{t('shifts.add')}</Button>
      {now.length > 0 && faults.length === 0 && (
        <div className="org-gaps" role="status" data-gaps={gaps.length}>{gaps.length === 0 ? <p>{t('shifts.noGaps')}</p> : <>
          <p>{t('shifts.gaps')}</p>
          <ul>{gaps.slice(0, GAPS_SHOWN).map((gap) => <li key={gap.fromMinute}>{t('shifts.gap', { fromDay: dayOf(gap.fromMinute), from: timeOf(gap.fromMinute % 1440), untilDay: dayOf(gap.untilMinute), until: timeOf(gap.untilMinute % 1440) })}</li>)}{gaps.length > GAPS_SHOWN && <li>{t('shifts.moreGaps', { count: gaps.length - GAPS_SHOWN })}</li>}</ul>
        </>}</div>
      )}
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      {(isDirty || isSaving) && (
        <div className="setup-foot">
          <span className="setup-quiet">{wasAsked && faults.length > 0 ? t(`shifts.${faults[0]!.fault}`, { number: faults[0]!.number }) : t('shifts.dirty')}</span>
          <Button loading={isSaving} onClick={() => void save()}>{t('shifts.save')}</Button>
        </div>
      )}
    </section>
  );
}
