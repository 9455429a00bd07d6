// Drawing a line across a way: its two ends by clicks on the map or by numbers, which way is in, and what the way can take.
import { Button, Group, Radio, Table, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import { FLOW_LIMITS_PEOPLE_PER_M_MIN, LINE_SURFACES, type FlowLine } from '../../../contract/flow.ts';
import type { SitePoint } from '../../../contract/geometry.ts';
import type { SiteConfig } from '../../../contract/site.ts';
import { setupApi, type Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { formFaults, formFields } from '../form/formFields.ts';
import { RuleForms } from '../form/RuleForms.tsx';
import { Handle } from '../Handle.tsx';
import { CameraMark } from '../map/CameraMark.tsx';
import { boxCorners, pathOf, siteBox, SiteMap, type MapView } from '../map/SiteMap.tsx';
import { NumberField } from '../NumberField.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useLanguage } from '../useLanguage.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { NAME_MOST, type RuleForm } from '../zones/zoneDraft.ts';
import { bodyOfLine, draftOfLine, lengthM, turned, withEnd, withEndAt, withMiddleLine, type LineDraft } from './lineDraft.ts';

const STEP_M = 0.1;
const END_NAMES = ['A', 'B'] as const;

export function LinePanel({ config, line, kinds, onSaved, back }: { config: SiteConfig; /** Null: a new one. */ line: FlowLine | null; kinds: Kinds; onSaved: (line: FlowLine) => void; back?: { word: string; go: () => void } }) {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  const { site } = config;
  const ruleForms: RuleForm[] = useMemo(() => kinds.rules.filter(({ place }) => place === 'line').map(({ rule, settings }) => ({ rule, fields: formFields(settings, language) })).filter(({ fields }) => fields.length > 0), [kinds, language]);
  const draft = useDraft<LineDraft>(draftOfLine(line, ruleForms));
  const { now, change, settle, undo } = draft;
  const [chosen, setChosen] = useState<number | null>(null);
  const [pointer, setPointer] = useState<SitePoint | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const { question, leave } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(line), isDirty: draft.isDirty, take: () => draft.startOver(draftOfLine(line, ruleForms)) });
  const ruleFaults = Object.fromEntries(ruleForms.map(({ rule, fields }) => [rule, formFaults(fields, now.rules[rule] ?? {})]));
  const nameFault = now.name.trim() === '' ? t('line.nameMissing') : null;
  const widthM = lengthM(now.ends), isReady = widthM !== null && nameFault === null && Object.values(ruleFaults).every((faults) => Object.keys(faults).length === 0);
  const limit = FLOW_LIMITS_PEOPLE_PER_M_MIN[now.surface];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement && event.target.type !== 'radio') return;
      if (event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey) { event.preventDefault(); undo(); }
      if (event.key === 'Escape') { change((from) => (from.ends.length === 1 ? { ...from, ends: [] } : from)); settle(); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [undo, change, settle]);

  const save = async () => {
    setWasAsked(true);
    const body = bodyOfLine(now, ruleForms);
    if (body === null || !isReady || firstInvalid(panel.current)) return;
    setIsSaving(true);
    const answer = line === null ? await setupApi.addLine(site.siteId, body) : await setupApi.changeLine(line.lineId, body);
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { draft.saved(); onSaved(answer.value); });
  };

  const drawMap = (view: MapView) => {
    const shown = now.ends.length === 1 && pointer !== null ? [now.ends[0]!, pointer] : now.ends;
    const [a, b] = shown.map(view.px);
    return (
      <>
        {config.zones.map((zone) => <path key={zone.zoneId} className="setup-zone-other" aria-hidden="true" d={pathOf(zone.polygon.map(view.px), true)} />)}
        {(config.lines ?? []).filter((other) => other.lineId !== line?.lineId).map((other) => <path key={other.lineId} className="setup-line-other" aria-hidden="true" d={pathOf([other.a, other.b].map(view.px), false)} />)}
        {config.sensors.filter((sensor) => sensor.calibration !== null).map((sensor) => <g key={sensor.sensorId} className="setup-other"><CameraMark at={view.px(sensor.calibration!.position)} bearingDeg={sensor.calibration!.bearingDeg} name={sensor.name} /></g>)}
        {a !== undefined && b !== undefined && <><path className="setup-line" d={pathOf([a, b], false)} data-line /><InArrow a={a} b={b} word={t('line.in')} /></>}
        {now.ends.map((end, index) => (
          <Handle key={index} name={`end-${END_NAMES[index]}`} at={view.px(end)} isChosen={chosen === index} label={t('line.end', { end: END_NAMES[index], x: end.xM.toFixed(1), y: end.yM.toFixed(1) })}
            onChoose={() => setChosen(index)} onEnd={settle}
            onDrag={(client) => { const to = view.siteOfClient(client); change((from) => withEndAt(from, index, to)); }}
            onStep={({ dx, dy }) => change((from) => withEndAt(from, index, { xM: end.xM + dx * STEP_M, yM: end.yM - dy * STEP_M }))}>
            <rect x={-5} y={-5} width={10} height={10} className={chosen === index ? 'setup-corner chosen' : 'setup-corner'} />
            <text className="setup-corner-number" x={9} y={-7}>{END_NAMES[index]}</text>
          </Handle>
        ))}
      </>
    );
  };

  return (
    <div ref={panel} className="setup-zone-page">
      {question}{meanwhile}
      <div className="setup-next" role="status"><span className="setup-next-mark" aria-hidden="true">→</span><span>{now.ends.length === 0 ? t('line.next.first') : now.ends.length === 1 ? t('line.next.second') : t('line.next.done')}</span></div>
      <div className="setup-zone-views">
        <div className="setup-zone-drawing">
          <div>
            <SiteMap origin={site.origin} grid={site.grid} focus={line === null ? boxCorners(siteBox(site.grid)) : [line.a, line.b]} focusKey={line?.lineId ?? site.siteId} label={t('zone.map')} isCrosshair={now.ends.length < 2} onPress={(point) => { change((from) => withEnd(from, point)); settle(); }} onPointer={now.ends.length === 1 ? setPointer : undefined}>{drawMap}</SiteMap>
            <Group gap="xs" mt={6}>
              {now.ends.length === 0 && <Button size="compact-sm" variant="default" onClick={() => { change((from) => withMiddleLine(from, site.grid)); settle(); }}>{t('line.middle')}</Button>}
              {now.ends.length === 2 && <Button size="compact-sm" variant="default" onClick={() => { change(turned); settle(); }}>{t('line.turn')}</Button>}
              <Button size="compact-sm" variant="default" disabled={!draft.canUndo} onClick={undo}>{t('place.undo')}</Button>
              {now.ends.length > 0 && <Button size="compact-sm" variant="default" onClick={() => { change((from) => ({ ...from, ends: [] })); settle(); setChosen(null); }}>{t('zone.startOver')}</Button>}
            </Group>
          </div>
        </div>
        <section aria-label={t('line.facts')} className="setup-zone-facts">
          <TextInput label={t('line.name')} withAsterisk value={now.name} maxLength={NAME_MOST} placeholder={t('line.namePlaceholder')} error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => { const name = event.currentTarget.value; change((from) => ({ ...from, name })); }} onBlur={settle} />
          <Radio.Group label={t('line.surface')} value={now.surface} onChange={(surface) => { change((from) => ({ ...from, surface: surface as FlowLine['surface'] })); settle(); }}>
            <div className="setup-kinds">{LINE_SURFACES.map((surface) => <Radio key={surface} value={surface} label={t(`line.surfaces.${surface}`)} description={t('line.surfaceMeans', { limit: FLOW_LIMITS_PEOPLE_PER_M_MIN[surface] })} size="xs" />)}</div>
          </Radio.Group>
          <div className="setup-area"><span>{t('line.width')}</span> <strong className="setup-figure" data-width>{widthM === null ? '–' : `${widthM.toFixed(1)} m`}</strong></div>
          <p className="setup-quiet">{widthM === null ? t('line.source') : `${t('line.takes', { people: Math.round(limit * widthM) })} ${t('line.source')}`}</p>
          <Table className="setup-table" withRowBorders={false} verticalSpacing={2} horizontalSpacing={4}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('line.ends')}</Table.Th><Table.Th scope="col">{t('place.column.east')}</Table.Th><Table.Th scope="col">{t('place.column.north')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{now.ends.map((end, index) => (
              <Table.Tr key={index} data-chosen={chosen === index || undefined} onFocus={() => setChosen(index)}>
                <Table.Th scope="row">{END_NAMES[index]}</Table.Th>
                <Table.Td><NumberField isLabelHidden label={t('line.cell.east', { end: END_NAMES[index] })} value={end.xM} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => (value === null ? from : withEndAt(from, index, { ...from.ends[index]!, xM: value })))} /></Table.Td>
                <Table.Td><NumberField isLabelHidden label={t('line.cell.north', { end: END_NAMES[index] })} value={end.yM} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => (value === null ? from : withEndAt(from, index, { ...from.ends[index]!, yM: value })))} /></Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
          <RuleForms kinds={kinds} forms={ruleForms} answers={now.rules} faults={ruleFaults} onChange={(rule, key, answer) => change((from) => ({ ...from, rules: { ...from.rules, [rule]: { ...from.rules[rule], [key]: answer } } }))} />
        </section>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <div className="setup-foot">
        {back !== undefined && <Button variant="default" onClick={back.go}>{back.word}</Button>}
        <span className="setup-quiet">{widthM === null ? t('line.saveNeedsEnds') : nameFault ?? (draft.isDirty ? t('unsaved.mark') : '')}</span>
        <Button loading={isSaving} disabled={widthM === null} onClick={() => void save()}>{t('line.save')}</Button>
      </div>
    </div>
  );
}

/** Points to the right of a -> b on the screen, which is the right on the ground too: north is up. */
function InArrow({ a, b, word }: { a: { x: number; y: number }; b: { x: number; y: number }; word: string }) {
  const rad = Math.atan2(b.y - a.y, b.x - a.x), turn = rad * 180 / Math.PI;
  return (
    <g transform={`translate(${(a.x + b.x) / 2} ${(a.y + b.y) / 2})`} aria-hidden="true" data-in-arrow>
      <path className="setup-line-in" d="M0 4V26M-6 19 0 27 6 19" transform={`rotate(${turn.toFixed(1)})`} />
      <text className="setup-corner-number" textAnchor="middle" x={-Math.sin(rad) * 40} y={Math.cos(rad) * 40 + 4}>{word}</text>
    </g>
  );
}
