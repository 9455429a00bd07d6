// What a unit wants: within how long each step, from which alarm on incidents open by themselves, and dangers of its own. What comes from above is shown quiet.
import { Button, NativeSelect, Table, TextInput } from '@mantine/core';
import { Fragment, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PolicyAnswer } from '../../../contract/apiIncidents.ts';
import { CATEGORIES, CATEGORY_NAMES, DEADLINES, SEVERITIES } from '../../../contract/incident.ts';
import { isBuiltInCategory, POLICY_DEFAULT, type UnitPolicy } from '../../../contract/playbook.ts';
import type { Unit } from '../../../contract/unit.ts';
import { policyInForce } from '../../../crowd/policy.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import type { Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useLanguage } from '../useLanguage.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { orgApi } from './orgApi.ts';
import { BOUNDS, categoryFault, hasFaults, linesOf, outOfOrder, policyBody, timesOf, withTime, withTimes } from './policyDraft.ts';
import { SpanField } from './SpanField.tsx';
import { spanText } from './spanInput.ts';
import { UnitFrame } from './UnitFrame.tsx';

const LEVELS_OF_ALARM = ['notice', 'warning', 'danger', 'critical'] as const;
const OWN_MOST = 30;

export function PolicyPage({ unitId }: { unitId: string }) {
  const { t } = useTranslation('org');
  return <UnitFrame unitId={unitId} tab="policy" title={(unit) => t('policy.title', { unit })}>{(unit) => <Asked key={unitId} unit={unit} />}</UnitFrame>;
}

function Asked({ unit }: { unit: Unit }) {
  const { t } = useTranslation('setup');
  const version = useScreen((screen) => screen.unitsVersion);
  const [own, reload] = useFetched(`${unit.unitId} ${version}`, () => orgApi.policy(unit.unitId));
  const [above, reloadAbove] = useFetched(`above ${unit.parentId ?? 'nothing'} ${version}`, () => (unit.parentId === null ? Promise.resolve({ ok: true as const, value: { own: { ownCategories: [], deadlines: {} }, inForce: policyInForce([]) } }) : orgApi.policy(unit.parentId)));
  const [shown, setShown] = useState<{ own: PolicyAnswer; above: PolicyAnswer } | null>(null);
  if (own.state === 'there' && above.state === 'there' && (shown?.own !== own.value || shown.above !== above.value)) setShown({ own: own.value, above: above.value });
  if (shown !== null) return <Policy unit={unit} kept={shown.own.own} above={shown.above.inForce} onSaved={reload} />;
  const broken = own.state === 'broken' ? own : above.state === 'broken' ? above : null;
  return broken === null ? <p role="status">{t('page.loading')}</p> : <TroubleBox trouble={broken.trouble} onTryAgain={() => { reload(); reloadAbove(); }} />;
}

function Policy({ unit, kept, above, onSaved }: { unit: Unit; kept: UnitPolicy; above: UnitPolicy; onSaved: () => void }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents');
  const language = useLanguage();
  const draft = useDraft<UnitPolicy>(kept);
  const { now, change } = draft;
  const [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false), [wasSaved, setWasSaved] = useState(false), [wasAsked, setWasAsked] = useState(false);
  const page = useRef<HTMLDivElement>(null);
  const { question } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(kept), isDirty: draft.isDirty && !isSaving, take: () => draft.startOver(kept) });
  const nameOf = (category: string): string => category === '*' ? t('policy.allCategories') : isBuiltInCategory(category) ? CATEGORY_NAMES[category as keyof typeof CATEGORY_NAMES][language] : [...now.ownCategories, ...above.ownCategories].find((one) => one.category === category)?.names[language] || category;
  const levelWord = (level: UnitPolicy['opensFromLevel']) => (level === null || level === undefined ? t('policy.never') : t(`policy.levels.${level === 'calm' ? 'calm' : level}`));
  const yesNo = (is: boolean | undefined) => t(is === true ? 'policy.yes' : 'policy.no');
  const lines = linesOf(now, above);
  const addable = [...CATEGORIES, ...above.ownCategories.map(({ category }) => category), ...now.ownCategories.filter((_one, index) => categoryFault(now.ownCategories, index, above.ownCategories) === null).map(({ category }) => category)].filter((category) => !lines.includes(category));
  const edit = (to: (from: UnitPolicy) => UnitPolicy) => { setWasSaved(false); change(to); };

  const save = async () => {
    setWasAsked(true);
    if (hasFaults(now, above.ownCategories) || firstInvalid(page.current)) { setTimeout(() => firstInvalid(page.current), 0); return; }
    setIsSaving(true);
    const answer = await orgApi.keepPolicy(unit.unitId, policyBody(now, above.ownCategories));
    setIsSaving(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    draft.startOver(answer.value.own);
    setWasSaved(true);
    setWasAsked(false);
    onSaved();
  };

  return (
    <div ref={page}>
      {question}{meanwhile}
      <section className="setup-panel org-rules" aria-label={t('policy.opensFrom')}>
        <NativeSelect label={t('policy.opensFrom')} description={t('policy.opensFromMeans')} value={now.opensFromLevel === undefined ? 'above' : now.opensFromLevel ?? 'never'}
          onChange={(event) => { const value = event.currentTarget.value; edit(({ opensFromLevel: _was, ...rest }) => (value === 'above' ? rest : { ...rest, opensFromLevel: value === 'never' ? null : (value as 'danger') })); }}
          data={[{ value: 'above', label: t('policy.asAbove', { value: levelWord(above.opensFromLevel) }) }, ...LEVELS_OF_ALARM.map((value) => ({ value, label: t(`policy.levels.${value}`) })), { value: 'never', label: t('policy.never') }]} />
        <NativeSelect label={t('policy.sensors')} value={now.opensForSensors === undefined ? 'above' : now.opensForSensors ? 'yes' : 'no'}
          onChange={(event) => { const value = event.currentTarget.value; edit(({ opensForSensors: _was, ...rest }) => (value === 'above' ? rest : { ...rest, opensForSensors: value === 'yes' })); }}
          data={[{ value: 'above', label: t('policy.asAbove', { value: yesNo(above.opensForSensors) }) }, { value: 'yes', label: t('policy.yes') }, { value: 'no', label: t('policy.no') }]} />
        <NativeSelect label={t('policy.askWhy')} description={t('policy.askWhyMeans')} value={now.askWhyToLook === undefined ? 'above' : now.askWhyToLook ? 'yes' : 'no'}
          onChange={(event) => { const value = event.currentTarget.value; edit(({ askWhyToLook: _was, ...rest }) => (value === 'above' ? rest : { ...rest, askWhyToLook: value === 'yes' })); }}
          data={[{ value: 'above', label: t('policy.asAbove', { value: yesNo(above.askWhyToLook) }) }, { value: 'yes', label: t('policy.yes') }, { value: 'no', label: t('policy.no') }]} />
        <SpanField label={t('policy.answer')} description={t('policy.answerMeans', { value: spanText(above.answerS ?? POLICY_DEFAULT.answerS, language) })} value={now.answerS ?? null} least={5} most={86_400} placeholder={spanText(above.answerS ?? POLICY_DEFAULT.answerS, language)} faultWord={t('policy.notATime')}
          onChange={(seconds) => edit(({ answerS: _was, ...rest }) => (seconds === null ? rest : { ...rest, answerS: seconds }))} />
      </section>

      <section className="setup-panel setup-site-block" aria-labelledby="org-times">
        <h2 id="org-times">{t('policy.deadlines')}</h2>
        <p className="setup-quiet">{t('policy.deadlinesMeans')}</p>
        <Table.ScrollContainer minWidth={860}>
          <Table className="setup-table lines org-times" verticalSpacing={2} horizontalSpacing={6} aria-label={t('policy.table')}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('policy.category')}</Table.Th><Table.Th scope="col">{t('policy.severity')}</Table.Th>{DEADLINES.map((kind) => <Table.Th key={kind} scope="col">{said(`deadline.${kind}`)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>{lines.map((category) => {
              const { times, isOwn } = timesOf(now, above, category), name = nameOf(category);
              return <Fragment key={category}>{SEVERITIES.toReversed().map((severity, index) => {
                const wrong = isOwn ? outOfOrder(times[severity]) : null;
                return (
                  <Table.Tr key={severity} data-own={isOwn || undefined} data-category={category} className={index === 0 ? 'org-first' : undefined}>
                    {index === 0 && <Table.Th scope="rowgroup" rowSpan={SEVERITIES.length}><span className="org-line-name">{name}</span><br />
                      {isOwn ? <Button size="compact-xs" variant="subtle" aria-label={t('policy.backToNamed', { category: name })} onClick={() => edit((from) => withTimes(from, category, null))}>{t('policy.backTo')}</Button>
                        : <><span className="setup-quiet">{t('policy.inherited')}</span> <Button size="compact-xs" variant="subtle" aria-label={t('policy.setOwnNamed', { category: name })} onClick={() => edit((from) => withTimes(from, category, times))}>{t('policy.setOwn')}</Button></>}
                    </Table.Th>}
                    <Table.Td>{said(`severity.${severity}`)}</Table.Td>
                    {DEADLINES.map((kind) => (
                      <Table.Td key={kind}>{isOwn ? <SpanField isLabelHidden label={t('policy.cell', { category: name, severity: said(`severity.${severity}`), deadline: said(`deadline.${kind}`) })} value={times[severity][kind]} {...BOUNDS[kind]} faultWord={t('policy.notATime')} mark={wrong === kind} onChange={(seconds) => { if (seconds !== null) edit((from) => withTime(from, category, severity, kind, seconds)); }} />
                        : <span className="setup-quiet">{spanText(times[severity][kind], language)}</span>}</Table.Td>
                    ))}
                  </Table.Tr>
                );
              })}</Fragment>;
            })}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {Object.values(now.deadlines).some((times) => SEVERITIES.some((severity) => outOfOrder(times[severity]) !== null)) && <p className="setup-field-error" role="status">{t('policy.outOfOrder')}</p>}
        {addable.length > 0 && <NativeSelect mt={6} className="org-narrow" label={t('policy.addFor')} value="" onChange={(event) => { const category = event.currentTarget.value; if (category !== '') edit((from) => withTimes(from, category, timesOf(from, above, category).times)); }} data={[{ value: '', label: '–' }, ...addable.map((value) => ({ value, label: nameOf(value) }))]} />}
      </section>

      <section className="setup-panel setup-site-block" aria-labelledby="org-categories">
        <h2 id="org-categories">{t('policy.categories')}</h2>
        <p className="setup-quiet">{t('policy.categoriesMeans')}</p>
        {above.ownCategories.length > 0 && <p className="setup-quiet">{t('policy.fromAbove', { names: above.ownCategories.map(({ names }) => names[language]).join(', ') })}</p>}
        {now.ownCategories.length === 0 ? <p className="setup-quiet">{t('policy.noCategories')}</p> : (
          <Table className="setup-table lines" verticalSpacing={3} horizontalSpacing={6}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('policy.code')} <span className="setup-quiet">({t('policy.codeHint')})</span></Table.Th><Table.Th scope="col">{t('policy.en')}</Table.Th><Table.Th scope="col">{t('policy.zh')}</Table.Th><Table.Th scope="col"><span className="setup-hidden">{t('shifts.column.remove')}</span></Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{now.ownCategories.map((own, index) => {
              const found = categoryFault(now.ownCategories, index, above.ownCategories);
              // What is only begun is not wrong yet; what may not be is said at once.
              const fault = found === 'refused' || wasAsked ? found : null, number = index + 1;
              const to = (next: Partial<typeof own.names> & { category?: string }) => edit((from) => ({ ...from, ownCategories: from.ownCategories.map((was, at) => (at === index ? { category: next.category ?? was.category, names: { en: next.en ?? was.names.en, zh: next.zh ?? was.names.zh } } : was)) }));
              return (
                <Table.Tr key={index}>
                  <Table.Td><TextInput size="xs" aria-label={t('policy.codeCell', { number })} value={own.category} maxLength={32} autoComplete="off" error={fault === 'codeWrong' || fault === 'taken' ? t(`policy.${fault}`) : fault === 'refused'} onChange={(event) => to({ category: event.currentTarget.value })} /></Table.Td>
                  <Table.Td><TextInput size="xs" aria-label={t('policy.enCell', { number })} value={own.names.en} maxLength={60} autoComplete="off" error={fault === 'nameMissing' || fault === 'refused' ? t(`policy.${fault}`) : undefined} onChange={(event) => to({ en: event.currentTarget.value })} /></Table.Td>
                  <Table.Td><TextInput size="xs" aria-label={t('policy.zhCell', { number })} value={own.names.zh} maxLength={60} autoComplete="off" error={fault === 'nameMissing' || fault === 'refused'} onChange={(event) => to({ zh: event.currentTarget.value })} /></Table.Td>
                  <Table.Td><Button size="compact-xs" variant="subtle" aria-label={t('policy.removeCategory', { number })} onClick={() => edit((from) => withTimes({ ...from, ownCategories: from.ownCategories.toSpliced(index, 1) }, own.category, null))}>✕</Button></Table.Td>
                </Table.Tr>
              );
            })}</Table.Tbody>
          </Table>
        )}
        <Button size="compact-sm" variant="default" mt={6} disabled={now.ownCategories.length >= OWN_MOST} onClick={() => edit((from) => ({ ...from, ownCategories: [...from.ownCategories, { category: '', names: { en: '', zh: '' } }] }))}>{t('policy.addCategory')}</Button>
      </section>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <div className="setup-foot"><span className="setup-quiet" role="status">{wasSaved && !draft.isDirty ? t('policy.saved') : draft.isDirty ? t('shifts.dirty') : ''}</span><Button loading={isSaving} disabled={!draft.isDirty} onClick={() => void save()}>{t('policy.save')}</Button></div>
    </div>
  );
}
