// One unit: its outline on the map, moved by mouse or keyboard, its names and place in the tree, and what stands in it.
import { Button, Group, NativeSelect, Table, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LngLat } from '../../../contract/geometry.ts';
import type { Actor } from '../../../contract/incident.ts';
import { UNIT_LEVELS, unitDepth, type Unit, type UnitFault, type UnitLevel, type UnitMove, type UnitShape } from '../../../contract/unit.ts';
import { lngLatOf } from '../../../crowd/place.ts';
import { faultWords } from '../../../crowd/units/faultWords.ts';
import { areaM2Of, shape7Of } from '../../../crowd/units/shape.ts';
import { UnitSelect } from '../../incidents/UnitSelect.tsx';
import { useUnits } from '../../incidents/useUnits.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { useWho } from '../../parts/whoAmI.ts';
import { goTo, hrefOf, setupPaths } from '../../route.ts';
import type { Trouble } from '../api.ts';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { firstInvalid } from '../firstInvalid.ts';
import { Handle } from '../Handle.tsx';
import { NumberField } from '../NumberField.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useLanguage } from '../useLanguage.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { MovesList } from './MovesList.tsx';
import { orgApi, type Box } from './orgApi.ts';
import { bodyOfUnit, cornersOf, draftFaults, draftOfUnit, drawing, drawnAnew, isInShape, middleOf, ringsOf, sameRing, withCornerAfter, withCornerAt, withDrawn, withDrawnClosed, withoutCorner, withoutDrawn, withoutRing, withRectangle, type RingRef, type UnitDraft } from './unitDraft.ts';
import { pathOfRing, UnitMap, type MapHandle, type UnitMapView } from './UnitMap.tsx';
import { UnitTabs } from './UnitFrame.tsx';

/** More would neither be told apart nor drawn in time. */
const HANDLES_MOST = 250, ROWS_MOST = 120;
const CLOSE_WITHIN_PX = 14;

export function UnitPanel({ unit, shape, start, focus, level, onLevel }: { unit: Unit | null; shape: UnitShape; start: { level: UnitLevel; parentId: string | null }; focus: Box | null; level: UnitLevel; onLevel: (level: UnitLevel) => void }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents'), { t: setup } = useTranslation('setup');
  const language = useLanguage();
  const { tree } = useUnits();
  const draft = useDraft<UnitDraft>(draftOfUnit(unit, shape, start));
  const { now, change, settle } = draft;
  const [chosen, setChosen] = useState<{ ref: RingRef; index: number } | null>(null), [pointer, setPointer] = useState<LngLat | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false), [wasAsked, setWasAsked] = useState(false), [isRemoving, setIsRemoving] = useState(false);
  const [saved, setSaved] = useState<{ unit: Unit; faults: UnitFault[]; moves: UnitMove[] } | null>(null);
  // The version that our changes are made upon: what we kept ourselves is known before it comes back from the server.
  const [seenVersion, setSeenVersion] = useState(unit?.version ?? null);
  const map = useRef<MapHandle | null>(null), panel = useRef<HTMLDivElement>(null);
  const who = useWho();
  const by: Actor = who ?? { memberId: null, name: t('unit.administrator'), duty: 'operator', unitId: null };
  const { question, leave } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({
    theirs: `${Math.max(unit?.version ?? 0, saved?.unit.version ?? 0)}`, isDirty: draft.isDirty && !isSaving,
    take: () => { if ((unit?.version ?? 0) < (saved?.unit.version ?? 0)) return; draft.startOver(draftOfUnit(unit, shape, start)); setSeenVersion(unit?.version ?? null); },
  });
  const faults = draftFaults(now, tree.byId), rings = ringsOf(now.shape);
  const ring: RingRef = chosen !== null && rings.some(({ ref }) => sameRing(ref, chosen.ref)) ? chosen.ref : rings[0]?.ref ?? { part: 0, hole: null };
  const corners = cornersOf(now.shape, ring), cornerCount = rings.reduce((sum, each) => sum + each.corners.length, 0);
  const areaM2 = useMemo(() => (now.shape.length === 0 ? null : areaM2Of(shape7Of(now.shape))), [now.shape]);
  const children = unit === null ? [] : tree.childrenOf.get(unit.unitId) ?? [];
  const isDrawing = now.drawing !== null;

  const closeRing = () => { change(withDrawnClosed); settle(); };
  const press = (at: LngLat) => {
    const view = map.current?.view() ?? null, first = now.drawing?.corners[0];
    if (view !== null && first !== undefined && now.drawing!.corners.length >= 3) {
      const a = view.px(first), b = view.px(at);
      if (Math.hypot(a.x - b.x, a.y - b.y) <= CLOSE_WITHIN_PX) { closeRing(); return; }
    }
    change((from) => withDrawn(from, at));
    settle();
  };
  const rectangle = () => { const view = map.current?.view() ?? null; if (view === null) return; change((from) => withRectangle(from, view.box)); settle(); };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      if (event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey) { event.preventDefault(); draft.undo(); }
      if (event.key === 'Enter' && (event.target === document.body || event.target instanceof HTMLCanvasElement)) closeRing();
      if (event.key === 'Escape' && now.drawing !== null) { change(withoutDrawn); settle(); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });

  const save = async () => {
    setWasAsked(true);
    if (faults.size > 0 || firstInvalid(panel.current)) { setTimeout(() => firstInvalid(panel.current), 0); return; }
    setIsSaving(true);
    setSaved(null);
    const body = bodyOfUnit(now, seenVersion, by);
    const answer = unit === null ? await orgApi.addUnit(body) : await orgApi.changeUnit(unit.unitId, body);
    setIsSaving(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    draft.saved();
    const told = 'unit' in answer.value ? answer.value : { unit: answer.value, faults: [], moves: [] };
    setSaved(told);
    setSeenVersion(told.unit.version);
    setWasAsked(false);
    if (unit === null) leave(() => goTo(setupPaths.unit(told.unit.unitId)));
  };

  const drawMap = (view: UnitMapView) => {
    const seen = (at: LngLat) => at.lng >= view.box.west && at.lng <= view.box.east && at.lat >= view.box.south && at.lat <= view.box.north;
    const inSight = rings.reduce((sum, each) => sum + each.corners.filter(seen).length, 0), isShown = inSight <= HANDLES_MOST && !isDrawing;
    const open = now.drawing === null ? [] : pointer === null || now.drawing.corners.length === 0 ? now.drawing.corners : [...now.drawing.corners, pointer];
    return (
      <>
        <path className="setup-zone org-outline" fillRule="evenodd" d={rings.map((each) => pathOfRing(each.corners.map(view.px), true)).join('')} data-corners={cornerCount} />
        {open.length > 0 && <path className="setup-zone broken" d={pathOfRing(open.map(view.px), false)} data-drawing={now.drawing?.corners.length} />}
        {inSight > HANDLES_MOST && !isDrawing && <text className="org-too-many" x={view.widthPx / 2} y={view.heightPx - 14} textAnchor="middle">{t('unit.next.tooMany', { count: inSight, most: HANDLES_MOST })}</text>}
        {isShown && rings.flatMap(({ ref, corners: its }) => its.flatMap((corner, index) => {
          const next = its[(index + 1) % its.length]!, between = middleOf(corner, next), isChosen = chosen !== null && sameRing(chosen.ref, ref) && chosen.index === index;
          const a = view.px(corner), b = view.px(next), name = `${ref.part}-${ref.hole ?? 'o'}-${index + 1}`;
          return [
            ...(seen(between) && Math.hypot(a.x - b.x, a.y - b.y) > 30 ? [(
              <Handle key={`m${name}`} name={`between-${name}`} at={view.px(between)} hitPx={9} label={t('unit.addCornerAfter', { number: index + 1 })} onPress={() => { change((from) => withCornerAfter(from, ref, index, between)); settle(); setChosen({ ref, index: index + 1 }); }}><circle r={4} className="setup-corner-between" /></Handle>
            )] : []),
            ...(seen(corner) ? [(
              <Handle key={name} name={`corner-${name}`} at={a} isChosen={isChosen} label={t('unit.corner', { number: index + 1, lng: corner.lng.toFixed(6), lat: corner.lat.toFixed(6) })}
                onChoose={() => setChosen({ ref, index })} onEnd={settle} onRemove={() => { change((from) => withoutCorner(from, ref, index)); settle(); }}
                onDrag={(client) => { const to = view.lngLatOfClient(client); change((from) => withCornerAt(from, ref, index, to)); }}
                onStep={({ dx, dy }) => change((from) => withCornerAt(from, ref, index, { lng: corner.lng + dx * view.degreesPerPx.lng, lat: corner.lat - dy * view.degreesPerPx.lat }))}>
                <rect x={-5} y={-5} width={10} height={10} className={isChosen ? 'setup-corner chosen' : 'setup-corner'} />
              </Handle>
            )] : []),
          ];
        }))}
        {now.drawing?.corners.map((corner, index) => { const { x, y } = view.px(corner); return <rect key={index} x={x - 4} y={y - 4} width={8} height={8} className="setup-corner" />; })}
      </>
    );
  };
  const drawn = now.drawing?.corners.length ?? 0;

  return (
    <div ref={panel} className="org-unit" data-unit={unit?.code ?? 'new'}>
      {question}{meanwhile}
      <h2>{unit === null ? t('unit.addTitle') : unit.names[language]}</h2>
      {unit !== null && <UnitTabs unitId={unit.unitId} tab="outline" />}
      <div className="setup-next" role="status"><span className="setup-next-mark" aria-hidden="true">→</span><span>{isDrawing ? (drawn === 0 ? t('unit.next.start') : drawn < 3 ? t('unit.next.more', { missing: 3 - drawn }) : t('unit.next.close')) : t('unit.next.closed')}</span></div>
      <div className="org-unit-views">
        <div>
          <UnitMap label={t('units.map')} focus={focus} focusKey={unit?.unitId ?? `new ${start.parentId}`} level={level} onLevel={onLevel} chosenUnitId={unit?.unitId ?? start.parentId} isCrosshair={isDrawing} handle={map}
            {...(isDrawing ? { onPress: press, onPointer: setPointer, onDoublePress: closeRing } : { onChoose: (next: string) => { if (next !== unit?.unitId) goTo(setupPaths.unit(next)); } })}>{drawMap}</UnitMap>
          <Group gap="xs" mt={6}>
            {isDrawing && <Button size="compact-sm" variant="default" disabled={drawn < 3} onClick={closeRing}>{t('unit.close')}</Button>}
            {isDrawing && drawn === 0 && <Button size="compact-sm" variant="default" onClick={rectangle}>{t('unit.rectangle')}</Button>}
            {!isDrawing && <><Button size="compact-sm" variant="default" onClick={() => { change((from) => drawing(from, 'part')); settle(); }}>{t('unit.addPart')}</Button><Button size="compact-sm" variant="default" onClick={() => { change((from) => drawing(from, 'hole')); settle(); }}>{t('unit.addHole')}</Button></>}
            <Button size="compact-sm" variant="default" disabled={!draft.canUndo} onClick={draft.undo}>{t('unit.undo')}</Button>
            {(cornerCount > 0 || drawn > 0) && <Button size="compact-sm" variant="default" onClick={() => { change(drawnAnew); settle(); setChosen(null); }}>{t('unit.startOver')}</Button>}
          </Group>
        </div>
        <section className="setup-zone-facts" aria-label={t('units.tabs.outline')}>
          <TextInput label={t('unit.nameZh')} withAsterisk value={now.zh} maxLength={120} autoComplete="off" error={wasAsked && faults.has('nameMissing') ? t('unit.nameMissing') : undefined} onChange={(event) => { const zh = event.currentTarget.value; change((from) => ({ ...from, zh })); }} onBlur={settle} />
          <TextInput label={t('unit.nameEn')} value={now.en} maxLength={120} autoComplete="off" onChange={(event) => { const en = event.currentTarget.value; change((from) => ({ ...from, en })); }} onBlur={settle} />
          <TextInput label={t('unit.code')} withAsterisk description={t('unit.codeHint')} value={now.code} maxLength={32} autoComplete="off" error={wasAsked && faults.has('codeWrong') ? t('unit.codeWrong') : undefined} onChange={(event) => { const code = event.currentTarget.value; change((from) => ({ ...from, code })); }} onBlur={settle} />
          <NativeSelect label={t('unit.level')} value={now.level} onChange={(event) => { const next = event.currentTarget.value as UnitLevel; change((from) => ({ ...from, level: next })); settle(); }} data={UNIT_LEVELS.map((value) => ({ value, label: said(`unitLevel.${value}`) }))} error={faults.has('parentWrong') ? t('unit.parentWrong') : undefined} />
          <UnitSelect label={t('unit.parent')} emptyWord={t('unit.noParent')} value={now.parentId} only={(unitId) => unitId !== unit?.unitId && unitDepth(tree.byId.get(unitId)!.level) < unitDepth(now.level)} onChange={(parentId) => { change((from) => ({ ...from, parentId })); settle(); }} />
          <div className="setup-area"><span>{t('units.area')}</span> <strong className="setup-figure" data-area>{areaM2 === null ? '–' : areaM2 >= 1e6 ? `${(areaM2 / 1e6).toFixed(2)} km²` : `${Math.round(areaM2)} m²`}</strong></div>
          {unit !== null && <Here shape={shape} />}
          {rings.length > 0 && (
            <details className="setup-more"><summary>{t('unit.corners', { corners: cornerCount })}</summary>
              {rings.length > 1 && <Group gap="xs" align="end"><NativeSelect size="xs" label={t('unit.ring')} value={`${ring.part} ${ring.hole ?? ''}`} onChange={(event) => { const [part, hole] = event.currentTarget.value.split(' '); setChosen({ ref: { part: Number(part), hole: hole === '' || hole === undefined ? null : Number(hole) }, index: 0 }); }} data={rings.map(({ ref }) => ({ value: `${ref.part} ${ref.hole ?? ''}`, label: ref.hole === null ? t('unit.part', { number: ref.part + 1 }) : t('unit.hole', { number: ref.hole + 1, part: ref.part + 1 }) }))} />
                <Button size="compact-sm" variant="default" onClick={() => { change((from) => withoutRing(from, ring)); settle(); setChosen(null); }}>{t('unit.removePart')}</Button></Group>}
              <Table className="setup-table" withRowBorders={false} verticalSpacing={2} horizontalSpacing={4}>
                <Table.Thead><Table.Tr><Table.Th scope="col">{t('unit.column.number')}</Table.Th><Table.Th scope="col">{t('unit.column.lng')}</Table.Th><Table.Th scope="col">{t('unit.column.lat')}</Table.Th><Table.Th scope="col"><span className="setup-hidden">{t('unit.column.remove')}</span></Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>{corners.slice(0, ROWS_MOST).map((corner, index) => (
                  <Table.Tr key={index} data-chosen={(chosen !== null && sameRing(chosen.ref, ring) && chosen.index === index) || undefined} onFocus={() => setChosen({ ref: ring, index })}>
                    <Table.Th scope="row">{index + 1}</Table.Th>
                    <Table.Td><NumberField isLabelHidden digits={7} label={t('unit.cell.lng', { number: index + 1 })} value={corner.lng} least={-180} most={180} onSettle={settle} onChange={(lng) => { if (lng !== null) change((from) => withCornerAt(from, ring, index, { ...corner, lng })); }} /></Table.Td>
                    <Table.Td><NumberField isLabelHidden digits={7} label={t('unit.cell.lat', { number: index + 1 })} value={corner.lat} least={-90} most={90} onSettle={settle} onChange={(lat) => { if (lat !== null) change((from) => withCornerAt(from, ring, index, { ...corner, lat })); }} /></Table.Td>
                    <Table.Td><Button size="compact-xs" variant="subtle" aria-label={t('unit.removeCorner', { number: index + 1 })} onClick={() => { change((from) => withoutCorner(from, ring, index)); settle(); }}>✕</Button></Table.Td>
                  </Table.Tr>
                ))}</Table.Tbody>
              </Table>
              {corners.length > ROWS_MOST && <p className="setup-quiet">{t('unit.cornersMany', { shown: ROWS_MOST })}</p>}
            </details>
          )}
          {unit !== null && <Group gap="xs">
            {unit.level !== 'grid' && <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.addUnit(unit.unitId))}>{t('units.addBelow')}</Button>}
            <Button size="compact-sm" variant="default" className="setup-danger" disabled={children.length > 0} title={children.length > 0 ? t('unit.hasChildren') : undefined} onClick={() => setIsRemoving(true)}>{t('unit.remove')}</Button>
            {children.length > 0 && <span className="setup-quiet">{t('unit.hasChildren')}</span>}
          </Group>}
        </section>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      {saved !== null && <div className="setup-note" role="status" data-saved><strong>{t(saved.faults.length === 0 ? 'unit.saved' : 'unit.savedWith')}</strong>
        {saved.faults.length > 0 && <ul>{saved.faults.slice(0, 20).map((fault, index) => <li key={index}>{faultWords(fault, language)}</li>)}</ul>}
        {saved.moves.length > 0 ? <><p>{t('unit.moved')}</p><MovesList moves={saved.moves} /></> : <p className="setup-quiet">{t('unit.movedNobody')}</p>}
      </div>}
      <div className="setup-foot"><Button variant="default" onClick={() => goTo(setupPaths.units())}>{setup('add.cancel')}</Button><span className="setup-quiet">{faults.has('shapeMissing') ? t('unit.saveNeedsShape') : draft.isDirty ? setup('unsaved.mark') : ''}</span><Button loading={isSaving} disabled={faults.has('shapeMissing') || !draft.isDirty} onClick={() => void save()}>{t('unit.save')}</Button></div>
      {isRemoving && unit !== null && <ConfirmRemove title={t('unit.removeTitle', { name: unit.names[language] })} typedName={unit.code} remove={() => orgApi.removeUnit(unit.unitId, by)} onClose={() => setIsRemoving(false)} onRemoved={() => { draft.saved(); leave(() => goTo(unit.parentId === null ? setupPaths.units() : setupPaths.unit(unit.parentId))); }}><p>{t('unit.removeText')}</p></ConfirmRemove>}
    </div>
  );
}

/** Sites whose middle and cameras whose place lie in the outline as it is kept. */
function Here({ shape }: { shape: UnitShape }) {
  const { t } = useTranslation('org');
  const sites = useScreen((screen) => screen.sites);
  const here = useMemo(() => {
    const inShape = sites.filter(({ site: { origin, grid } }) => isInShape(shape, lngLatOf(origin, { xM: (grid.columns * grid.cellM) / 2, yM: (grid.rows * grid.cellM) / 2 })));
    const cameras = sites.flatMap(({ site, sensors }) => sensors.filter(({ calibration }) => (calibration === null ? inShape.some((one) => one.site.siteId === site.siteId) : isInShape(shape, lngLatOf(site.origin, calibration.position)))));
    return { sites: inShape.map(({ site }) => site), cameras };
  }, [sites, shape]);
  const SHOWN = 12;
  return (
    <div className="org-here">
      <h3>{t('units.sitesHere')}</h3>
      {here.sites.length === 0 ? <p className="setup-quiet">{t('units.noSites')}</p> : <ul>{here.sites.slice(0, SHOWN).map(({ siteId, name }) => <li key={siteId}><a href={hrefOf(setupPaths.site(siteId))}>{name}</a></li>)}{here.sites.length > SHOWN && <li className="setup-quiet">{t('changes.moreMoves', { count: here.sites.length - SHOWN })}</li>}</ul>}
      <h3>{t('units.camerasHere')}</h3>
      {here.cameras.length === 0 ? <p className="setup-quiet">{t('units.noCameras')}</p> : <ul>{here.cameras.slice(0, SHOWN).map(({ sensorId, name }) => <li key={sensorId}><a href={hrefOf(setupPaths.camera(sensorId))}>{name}</a></li>)}{here.cameras.length > SHOWN && <li className="setup-quiet">{t('changes.moreMoves', { count: here.cameras.length - SHOWN })}</li>}</ul>}
    </div>
  );
}
