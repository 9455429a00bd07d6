// Drawing a zone: corners by clicks on the map or by numbers, kind and limits with what they mean in people, and how the zone lies in a camera's picture.
import { Button, Group, Radio, Table, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import type { SitePoint } from '../../../contract/geometry.ts';
import { DEFAULT_LIMITS, LEVELS, ZONE_KINDS, type ZoneKind } from '../../../contract/level.ts';
import type { ProblemNote } from '../../../contract/problem.ts';
import { AlarmSettings, type SiteConfig, type Zone } from '../../../contract/site.ts';
import { polygonAreaM2, zoneProblem } from '../../../crowd/zoneShape.ts';
import { LevelShape } from '../../parts/LevelShape.tsx';
import { setupApi, type Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { formFaults, formFields } from '../form/formFields.ts';
import { RuleForms } from '../form/RuleForms.tsx';
import { Handle } from '../Handle.tsx';
import { CameraMark } from '../map/CameraMark.tsx';
import { boxCorners, pathOf, siteBox, SiteMap, type MapView } from '../map/SiteMap.tsx';
import { NumberField } from '../NumberField.tsx';
import { NoteBox, TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useLanguage } from '../useLanguage.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { ALARMS_FORM, areDefaults, bodyOfZone, CORNERS_MOST, draftOfZone, LIMIT_KEYS, midpoint, NAME_MOST, withCorner, withCornerAfter, withCornerAt, withKind, withoutCorner, withRectangle, type RuleForm, type ZoneDraft } from './zoneDraft.ts';
import { ZoneInPicture } from './ZoneInPicture.tsx';

const STEP_M = 0.1;
const CLOSE_WITHIN_PX = 14;

export function ZonePanel({ config, zone, kinds, onSaved, back, preferSensorId }: {
  config: SiteConfig;
  /** Null: a new one. */
  zone: Zone | null;
  kinds: Kinds;
  onSaved: (zone: Zone) => void;
  back?: { word: string; go: () => void };
  preferSensorId?: string;
}) {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  const { site } = config;
  const ruleForms: RuleForm[] = useMemo(() => [...kinds.rules.filter(({ place }) => place === undefined || place === 'zone').map(({ rule, settings }) => ({ rule, fields: formFields(settings, language) })).filter(({ fields }) => fields.length > 0), { rule: ALARMS_FORM, fields: formFields(AlarmSettings, language) }], [kinds, language]);
  const draft = useDraft<ZoneDraft>(draftOfZone(zone, ruleForms));
  const { now, change, settle } = draft;
  const [chosen, setChosen] = useState<number | null>(null);
  const [pointer, setPointer] = useState<SitePoint | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const { question, leave } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(zone), isDirty: draft.isDirty, take: () => draft.startOver(draftOfZone(zone, ruleForms)) });

  const shapeNote: ProblemNote | null = useMemo(() => (now.corners.length >= 3 ? zoneProblem({ polygon: now.corners, limits: now.limits }, site.grid) : null), [now.corners, now.limits, site.grid]);
  const areaM2 = now.corners.length >= 3 && shapeNote?.code !== 'polygonCrossesItself' ? Math.abs(polygonAreaM2(now.corners)) : null;
  const ruleFaults = Object.fromEntries(ruleForms.map(({ rule, fields }) => [rule, formFaults(fields, now.rules[rule] ?? {})]));
  const nameFault = now.name.trim() === '' ? t('zone.nameMissing') : null;
  const isReady = now.corners.length >= 3 && shapeNote === null && nameFault === null && Object.values(ruleFaults).every((faults) => Object.keys(faults).length === 0);

  const closeRing = () => { change((from) => (from.corners.length >= 3 ? { ...from, isClosed: true } : from)); settle(); };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'radio';
      if (isTyping) return;
      if (event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey) { event.preventDefault(); draft.undo(); }
      if (event.key === 'Enter' && (event.target === document.body || event.target instanceof HTMLCanvasElement)) closeRing();
      if (event.key === 'Escape') { change((from) => (from.isClosed ? from : { ...from, corners: from.corners.slice(0, -1) })); settle(); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  const save = async () => {
    setWasAsked(true);
    if (!isReady || firstInvalid(panel.current)) return;
    setIsSaving(true);
    const body = bodyOfZone(now, ruleForms);
    const answer = zone === null ? await setupApi.addZone(site.siteId, body) : await setupApi.changeZone(zone.zoneId, body);
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { draft.saved(); onSaved(answer.value); });
  };

  const pressAt = (view: MapView | null, point: SitePoint) => {
    if (now.isClosed) { setChosen(null); return; }
    const first = now.corners[0];
    if (view !== null && first !== undefined && now.corners.length >= 3) {
      const [a, b] = [view.px(first), view.px(point)];
      if (Math.hypot(a.x - b.x, a.y - b.y) <= CLOSE_WITHIN_PX) { closeRing(); return; }
    }
    change((from) => withCorner(from, point)); settle();
  };
  const viewNow = useRef<MapView | null>(null);

  const drawMap = (view: MapView) => {
    viewNow.current = view;
    const open = now.isClosed || pointer === null || now.corners.length === 0 ? now.corners : [...now.corners, pointer];
    return (
      <>
        {config.zones.filter((other) => other.zoneId !== zone?.zoneId).map((other) => (
          <g key={other.zoneId} className="setup-other" aria-hidden="true"><path className="setup-zone-other" d={pathOf(other.polygon.map(view.px), true)} /><text {...view.px(middle(other.polygon))} textAnchor="middle">{other.name}</text></g>
        ))}
        {config.sensors.filter((sensor) => sensor.calibration !== null).map((sensor) => <g key={sensor.sensorId} className="setup-other"><CameraMark at={view.px(sensor.calibration!.position)} bearingDeg={sensor.calibration!.bearingDeg} name={sensor.name} /></g>)}
        <path className={shapeNote === null ? 'setup-zone' : 'setup-zone broken'} d={pathOf(open.map(view.px), now.isClosed)} data-corners={now.corners.length} />
        {now.isClosed && now.corners.map((corner, index) => {
          const next = now.corners[(index + 1) % now.corners.length]!, between = midpoint(corner, next);
          return (
            <Handle key={`m${index}`} name={`between-${index + 1}`} at={view.px(between)} hitPx={9} label={t('zone.addCornerAfter', { number: index + 1 })}
              onPress={() => { change((from) => withCornerAfter(from, index, between)); settle(); setChosen(index + 1); }}>
              <circle r={4} className="setup-corner-between" />
            </Handle>
          );
        })}
        {now.corners.map((corner, index) => (
          <Handle key={index} name={`corner-${index + 1}`} at={view.px(corner)} isChosen={chosen === index} label={t('zone.corner', { number: index + 1, x: corner.xM.toFixed(1), y: corner.yM.toFixed(1) })}
            onChoose={() => setChosen(index)} onEnd={settle} onRemove={() => { change((from) => withoutCorner(from, index)); settle(); }}
            onPress={index === 0 && !now.isClosed && now.corners.length >= 3 ? closeRing : undefined}
            onDrag={(client) => { const to = view.siteOfClient(client); change((from) => withCornerAt(from, index, to)); }}
            onStep={({ dx, dy }) => change((from) => withCornerAt(from, index, { xM: corner.xM + dx * STEP_M, yM: corner.yM - dy * STEP_M }))}>
            <rect x={-5} y={-5} width={10} height={10} className={chosen === index ? 'setup-corner chosen' : 'setup-corner'} />
            <text className="setup-corner-number" x={9} y={-7}>{index + 1}</text>
          </Handle>
        ))}
      </>
    );
  };

  return (
    <div ref={panel} className="setup-zone-page">
      {question}{meanwhile}
      <div className="setup-next" role="status"><span className="setup-next-mark" aria-hidden="true">→</span><span>{now.isClosed ? t('zone.next.closed') : now.corners.length === 0 ? t('zone.next.first') : now.corners.length < 3 ? t('zone.next.more', { missing: 3 - now.corners.length }) : t('zone.next.close')}</span></div>
      <div className="setup-zone-views">
        <div className="setup-zone-drawing">
          <div>
          <SiteMap origin={site.origin} grid={site.grid} focus={zone === null ? boxCorners(siteBox(site.grid)) : [...zone.polygon]} focusKey={zone?.zoneId ?? site.siteId} label={t('zone.map')} isCrosshair={!now.isClosed} onPress={(point) => pressAt(viewNow.current, point)} onPointer={now.isClosed ? undefined : setPointer} onDoublePress={closeRing}>{drawMap}</SiteMap>
          <Group gap="xs" mt={6}>
            {!now.isClosed && <Button size="compact-sm" variant="default" disabled={now.corners.length < 3} onClick={closeRing}>{t('zone.close')}</Button>}
            {now.corners.length === 0 && <Button size="compact-sm" variant="default" onClick={() => { change((from) => withRectangle(from, site.grid)); settle(); }}>{t('zone.rectangle')}</Button>}
            <Button size="compact-sm" variant="default" disabled={!draft.canUndo} onClick={draft.undo}>{t('place.undo')}</Button>
            {now.corners.length > 0 && <Button size="compact-sm" variant="default" onClick={() => { change((from) => ({ ...from, corners: [], isClosed: false })); settle(); setChosen(null); }}>{t('zone.startOver')}</Button>}
          </Group>
          {/* Below the map: nothing moves under the pointer when it comes and goes. */}
          {shapeNote !== null && <NoteBox note={shapeNote} />}
          </div>
          <ZoneInPicture config={config} polygon={now.corners} preferSensorId={preferSensorId} />
        </div>
        <section aria-label={t('zone.facts')} className="setup-zone-facts">
          <TextInput label={t('zone.name')} withAsterisk value={now.name} maxLength={NAME_MOST} placeholder={t('zone.namePlaceholder')} error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => { const name = event.currentTarget.value; change((from) => ({ ...from, name })); }} onBlur={settle} />
          <Radio.Group label={t('zone.kind')} value={now.kind} onChange={(kind) => { change((from) => withKind(from, kind as ZoneKind)); settle(); }}>
            <div className="setup-kinds">{ZONE_KINDS.map((kind) => <Radio key={kind} value={kind} label={t(`zone.kinds.${kind}`)} description={t(`zone.kindMeans.${kind}`)} size="xs" />)}</div>
          </Radio.Group>
          <div className="setup-area"><span>{t('zone.area')}</span> <strong className="setup-figure" data-area>{areaM2 === null ? '–' : `${areaM2.toFixed(areaM2 < 100 ? 1 : 0)} m²`}</strong></div>
          <Table className="setup-table" withRowBorders={false} verticalSpacing={2} horizontalSpacing={6}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('zone.level')}</Table.Th><Table.Th scope="col">{t('zone.limit')}</Table.Th><Table.Th scope="col">{t('zone.peopleAtLimit')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{LIMIT_KEYS.map((key, index) => (
              <Table.Tr key={key}>
                <Table.Th scope="row"><LevelShape look={LEVELS[index + 1]!} /> {t(`zone.levels.${key}`)}</Table.Th>
                <Table.Td><NumberField isLabelHidden label={t('zone.limitOf', { level: t(`zone.levels.${key}`) })} value={now.limits[key]} least={0.1} most={10} onSettle={settle} onChange={(value) => change((from) => (value === null ? from : { ...from, limits: { ...from.limits, [key]: value } }))} /></Table.Td>
                <Table.Td>{areaM2 === null ? '–' : t('zone.people', { people: Math.round(areaM2 * now.limits[key]) })}</Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
          <p className="setup-quiet">{t(`zone.source.${now.kind}`)}{!areDefaults(now.limits, now.kind) && <> <Button size="compact-xs" variant="subtle" onClick={() => { change((from) => ({ ...from, limits: DEFAULT_LIMITS[from.kind] })); settle(); }}>{t('zone.useDefaults')}</Button></>}</p>
          <details className="setup-more"><summary>{t('zone.corners', { corners: now.corners.length })}</summary>
            <Table className="setup-table" withRowBorders={false} verticalSpacing={2} horizontalSpacing={4}>
              <Table.Thead><Table.Tr><Table.Th scope="col">{t('place.column.number')}</Table.Th><Table.Th scope="col">{t('place.column.east')}</Table.Th><Table.Th scope="col">{t('place.column.north')}</Table.Th><Table.Th scope="col"><span className="setup-hidden">{t('place.column.remove')}</span></Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>{now.corners.map((corner, index) => (
                <Table.Tr key={index} data-chosen={chosen === index || undefined} onFocus={() => setChosen(index)}>
                  <Table.Th scope="row">{index + 1}</Table.Th>
                  <Table.Td><NumberField isLabelHidden label={t('zone.cell.east', { number: index + 1 })} value={corner.xM} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => (value === null ? from : withCornerAt(from, index, { ...from.corners[index]!, xM: value })))} /></Table.Td>
                  <Table.Td><NumberField isLabelHidden label={t('zone.cell.north', { number: index + 1 })} value={corner.yM} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => (value === null ? from : withCornerAt(from, index, { ...from.corners[index]!, yM: value })))} /></Table.Td>
                  <Table.Td><Button size="compact-xs" variant="subtle" aria-label={t('zone.removeCorner', { number: index + 1 })} onClick={() => { change((from) => withoutCorner(from, index)); settle(); }}>✕</Button></Table.Td>
                </Table.Tr>
              ))}</Table.Tbody>
            </Table>
            <Button size="compact-sm" variant="default" mt={4} disabled={now.corners.length >= CORNERS_MOST} onClick={() => { change((from) => withCorner(from, from.corners.length >= 2 ? midpoint(from.corners.at(-1)!, from.corners[0]!) : { xM: site.grid.columns * site.grid.cellM / 2 + from.corners.length, yM: site.grid.rows * site.grid.cellM / 2 })); settle(); }}>{t('zone.addCorner')}</Button>
          </details>
          <RuleForms kinds={kinds} forms={ruleForms} answers={now.rules} faults={ruleFaults} onChange={(rule, key, answer) => change((from) => ({ ...from, rules: { ...from.rules, [rule]: { ...from.rules[rule], [key]: answer } } }))} />
        </section>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <div className="setup-foot">
        {back !== undefined && <Button variant="default" onClick={back.go}>{back.word}</Button>}
        <span className="setup-quiet">{now.corners.length < 3 ? t('zone.saveNeedsShape') : shapeNote !== null ? t('zone.saveNeedsMending') : nameFault ?? (draft.isDirty ? t('unsaved.mark') : '')}</span>
        <Button loading={isSaving} disabled={now.corners.length < 3 || shapeNote !== null} onClick={() => void save()}>{t('zone.save')}</Button>
      </div>
    </div>
  );
}

const middle = (polygon: readonly SitePoint[]): SitePoint => ({ xM: polygon.reduce((sum, { xM }) => sum + xM, 0) / polygon.length, yM: polygon.reduce((sum, { yM }) => sum + yM, 0) / polygon.length });
