// Placing a camera: where it hangs, and which spot of its picture lies where on the ground. Picture left, map right, every number in a table below.
import { Button, Checkbox, Group, Table } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PicturePoint, SitePoint } from '../../../contract/geometry.ts';
import { problemNote, type ProblemNote } from '../../../contract/problem.ts';
import type { Calibration, Lens, Sensor, SiteConfig } from '../../../contract/site.ts';
import { footprint } from '../../../crowd/ground.ts';
import { fitLens, groundToHead, groundToPicture, pictureToGround } from '../../../crowd/homography.ts';
import { setupApi, type Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { Handle, NumberedMark } from '../Handle.tsx';
import { boxCorners, pathOf, siteBox, SiteMap, type MapView } from '../map/SiteMap.tsx';
import { CameraMark } from '../map/CameraMark.tsx';
import { NumberField } from '../NumberField.tsx';
import { PersonMark } from '../picture/PersonMark.tsx';
import { PictureGrid } from '../picture/PictureGrid.tsx';
import { PictureView, type PictureFrame } from '../picture/PictureView.tsx';
import { usePicture } from '../picture/usePicture.ts';
import { NoteBox, TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { bearingDegOf } from './estimatePose.ts';
import { FitWords } from './FitWords.tsx';
import { GroundQualityLegend, GroundQualityMap, useGroundQuality } from './GroundQualityMap.tsx';
import { bodyOf, draftOf, fitOf, fittedGround, fullPairs, middleOf, nextStep, PAIRS_MOST, roundedM, withGroundPoint, withNewPair, withoutPair, withPair, withPicturePoint, type PlacingDraft } from './placing.ts';

/** The bearing handle stands this far from the camera's mark. */
const BEARING_HANDLE_PX = 64;
const STEP_M = 0.1;

export function PlacingPanel({ config, sensor, firstPicture, onSaved, savedWord, back }: {
  config: SiteConfig;
  sensor: Sensor;
  /** What the test of the address showed, so that there is a picture before the camera is counted. */
  firstPicture: string | null;
  onSaved: (sensor: Sensor) => void;
  savedWord: string;
  back?: { word: string; go: () => void };
}) {
  const { t } = useTranslation('setup');
  const { site } = config;
  const draft = useDraft<PlacingDraft>(draftOf(sensor.calibration));
  const { now, change, settle, undo } = draft;
  const [turn, setTurn] = useState(0);
  const picture = usePicture(sensor.sensorId, turn, firstPicture);
  const pictureAspect = picture.state === 'there' ? picture.pictureAspect : sensor.calibration?.pictureAspect ?? 16 / 9;
  const [chosen, setChosen] = useState<number | 'camera' | null>(null);
  const [showsGrid, setShowsGrid] = useState(true);
  const [showsQuality, setShowsQuality] = useState(false);
  const [lensNote, setLensNote] = useState<ProblemNote | null>(null);
  const [pointerAt, setPointerAt] = useState<PicturePoint | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const { question, leave } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(sensor.calibration), isDirty: draft.isDirty, take: () => draft.startOver(draftOf(sensor.calibration)) });

  const fit = useMemo(() => fitOf(now, pictureAspect), [now, pictureAspect]);
  const step = nextStep(now, fit);
  const markedPairId = fit.state === 'fits' ? fit.worstPairId : fit.state === 'broken' ? fit.suspectPairId : null;
  const homography = fit.state === 'fits' ? fit.homography : null;
  const views = useMemo(() => (homography === null ? null : { view: (point: SitePoint) => groundToPicture(homography, point), back: (point: PicturePoint) => pictureToGround(homography, point) }), [homography]);
  const calibration: Calibration | null = useMemo(() => {
    const body = fit.state === 'fits' ? bodyOf(now, pictureAspect) : null;
    return body === null ? null : { version: 1, ...body };
  }, [now, fit, pictureAspect]);
  const seen = useMemo(() => (calibration === null ? [] : footprint(calibration, site.grid)), [calibration, site.grid]);
  const quality = useGroundQuality(showsQuality ? calibration : null, site.grid);
  const numberOf = new Map(now.pairs.map((pair, index) => [pair.pairId, index + 1]));
  const isOtherShape = sensor.calibration !== null && Math.abs(pictureAspect / sensor.calibration.pictureAspect - 1) > 0.02;
  // A camera that is placed is looked at closely; a new one begins with the whole site.
  const focus = sensor.calibration === null ? boxCorners(siteBox(site.grid)) : [sensor.calibration.position, ...sensor.calibration.points.map(({ ground }) => ground), ...seen];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
      if (event.key === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !isTyping) { event.preventDefault(); undo(); }
      if (event.key === 'Escape' && !isTyping) { change((from) => ({ ...from, pairs: from.pairs.filter((pair) => pair.picture !== null && pair.ground !== null) })); settle(); }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [undo, change, settle]);

  const pressPicture = (picture: PicturePoint) => { if (picture.xShare < 0 || picture.xShare > 1 || picture.yShare < 0 || picture.yShare > 1) return; change((from) => withPicturePoint(from, picture)); settle(); };
  const pressMap = (ground: SitePoint) => {
    if (step.do === 'setPosition') { change((from) => ({ ...from, position: roundedM(ground) })); settle(); return; }
    change((from) => withGroundPoint(from, ground)); settle();
  };
  const usePose = () => { if (fit.state !== 'fits' || fit.pose === null) return; const { position, heightM, bearingDeg } = fit.pose; change((from) => ({ ...from, position: roundedM(position), heightM: Math.max(2, Math.round(heightM * 10) / 10), bearingDeg: Math.round(bearingDeg) % 360 })); settle(); };

  const estimateLens = () => {
    const found = fitLens(fullPairs(now).map(({ picture, ground }) => ({ picture, ground })), pictureAspect);
    setLensNote(found.ok ? null : found.problem);
    if (found.ok) { change((from) => ({ ...from, lens: lensWith(null, found.lens) })); settle(); }
  };

  const save = async () => {
    const body = bodyOf(now, pictureAspect);
    if (body === null || fit.state !== 'fits' || firstInvalid(panel.current)) return;
    setIsSaving(true);
    const answer = await setupApi.placeSensor(sensor.sensorId, body);
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { draft.saved(); onSaved(answer.value); });
  };

  const drawPicture = (frame: PictureFrame) => (
    <>
      {showsGrid && views !== null && <PictureGrid frame={frame} views={views} around={now.position ?? fullPairs(now)[0]!.ground} />}
      {views !== null && calibration !== null && homography !== null && pointerAt !== null && <PersonMark frame={frame} views={views} headOver={(ground) => groundToHead(homography, calibration, ground)} foot={pointerAt} heightM={now.headHeightM} />}
      {now.pairs.map((pair) => pair.picture !== null && (
        <Handle key={pair.pairId} name={`picture-${numberOf.get(pair.pairId)}`} at={frame.at(pair.picture)} isChosen={chosen === pair.pairId} label={t('place.pointInPicture', { number: numberOf.get(pair.pairId), x: (pair.picture.xShare * 100).toFixed(1), y: (pair.picture.yShare * 100).toFixed(1) })}
          onChoose={() => setChosen(pair.pairId)} onEnd={settle} onRemove={() => { change((from) => withoutPair(from, pair.pairId)); settle(); }}
          onDrag={(client) => { const picture = heldInPicture(frame.shareOfClient(client)); setPointerAt(null); change((from) => withPair(from, pair.pairId, { picture })); }}
          onStep={({ dx, dy }) => change((from) => withPair(from, pair.pairId, { picture: heldInPicture({ xShare: pair.picture!.xShare + dx * 0.001, yShare: pair.picture!.yShare + dy * 0.001 }) }))}>
          <NumberedMark number={numberOf.get(pair.pairId)!} isChosen={chosen === pair.pairId} isWorst={markedPairId === pair.pairId} />
        </Handle>
      ))}
    </>
  );

  const drawMap = (view: MapView) => {
    const camera = now.position === null ? null : view.px(now.position);
    const turnRad = now.bearingDeg * Math.PI / 180;
    const bearingAt = camera === null ? null : { x: camera.x + Math.sin(turnRad) * BEARING_HANDLE_PX, y: camera.y - Math.cos(turnRad) * BEARING_HANDLE_PX };
    return (
      <>
        {quality !== null && <GroundQualityMap painted={quality} grid={site.grid} view={view} />}
        {seen.length > 2 && <path className="setup-footprint" d={pathOf(seen.map(view.px), true)} />}
        {config.sensors.filter((other) => other.sensorId !== sensor.sensorId && other.calibration !== null).map((other) => (
          <g key={other.sensorId} className="setup-other"><CameraMark at={view.px(other.calibration!.position)} bearingDeg={other.calibration!.bearingDeg} name={other.name} /></g>
        ))}
        {homography !== null && fullPairs(now).map((pair) => {
          const fitted = fittedGround(pair, homography);
          if (fitted === null) return null;
          const [from, to] = [view.px(pair.ground), view.px(fitted)];
          return <line key={pair.pairId} className="setup-residual" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />;
        })}
        {camera !== null && bearingAt !== null && (
          <>
            <line className="setup-bearing" x1={camera.x} y1={camera.y} x2={bearingAt.x} y2={bearingAt.y} />
            <Handle name="bearing" at={bearingAt} label={t('place.bearingHandle', { degrees: Math.round(now.bearingDeg) })} onEnd={settle}
              onDrag={(client) => { const to = view.siteOfClient(client); change((from) => (from.position === null ? from : { ...from, bearingDeg: Math.round(bearingDegOf(from.position, to)) % 360 })); }}
              onStep={({ dx, dy }) => change((from) => ({ ...from, bearingDeg: (from.bearingDeg + dx + dy + 360) % 360 }))}>
              <circle r={6} className="setup-bearing-knob" />
            </Handle>
            <Handle name="camera" at={camera} isChosen={chosen === 'camera'} label={t('place.cameraHandle', { name: sensor.name, x: now.position!.xM.toFixed(1), y: now.position!.yM.toFixed(1) })} onChoose={() => setChosen('camera')} onEnd={settle}
              onDrag={(client) => { const to = roundedM(view.siteOfClient(client)); change((from) => ({ ...from, position: to })); }}
              onStep={({ dx, dy }) => change((from) => (from.position === null ? from : { ...from, position: roundedM({ xM: from.position.xM + dx * STEP_M, yM: from.position.yM - dy * STEP_M }) }))}>
              <CameraMark at={{ x: 0, y: 0 }} bearingDeg={now.bearingDeg} name={sensor.name} isMine />
            </Handle>
          </>
        )}
        {now.pairs.map((pair) => pair.ground !== null && (
          <Handle key={pair.pairId} name={`map-${numberOf.get(pair.pairId)}`} at={view.px(pair.ground)} isChosen={chosen === pair.pairId} label={t('place.pointOnMap', { number: numberOf.get(pair.pairId), x: pair.ground.xM.toFixed(1), y: pair.ground.yM.toFixed(1) })}
            onChoose={() => setChosen(pair.pairId)} onEnd={settle} onRemove={() => { change((from) => withoutPair(from, pair.pairId)); settle(); }}
            onDrag={(client) => { const ground = roundedM(view.siteOfClient(client)); change((from) => withPair(from, pair.pairId, { ground })); }}
            onStep={({ dx, dy }) => change((from) => withPair(from, pair.pairId, { ground: roundedM({ xM: pair.ground!.xM + dx * STEP_M, yM: pair.ground!.yM - dy * STEP_M }) }))}>
            <NumberedMark number={numberOf.get(pair.pairId)!} isChosen={chosen === pair.pairId} isWorst={markedPairId === pair.pairId} />
          </Handle>
        ))}
      </>
    );
  };

  const setPairNumber = (pairId: number, set: (pair: PlacingDraft['pairs'][number]) => Partial<PlacingDraft['pairs'][number]>) => change((from) => ({ ...from, pairs: from.pairs.map((pair) => (pair.pairId === pairId ? { ...pair, ...set(pair) } : pair)) }));
  const middle = middleOf(site);

  return (
    <div ref={panel} className="setup-place">
      {question}{meanwhile}
      <div className="setup-next" role="status" data-next={step.do}>
        <span className="setup-next-mark" aria-hidden="true">→</span>
        <span>{step.do === 'clickPicture' ? t('place.next.clickPicture', { missing: step.missing }) : step.do === 'clickMapFor' ? t('place.next.clickMapFor', { number: step.number }) : step.do === 'clickPictureFor' ? t('place.next.clickPictureFor', { number: step.number }) : step.do === 'mendPair' ? t('place.next.mendPair', { number: step.number }) : t(`place.next.${step.do}`)}</span>
      </div>
      <div className="setup-place-views">
        <section aria-label={t('place.picture')}>
          <PictureView picture={picture} pictureAspect={pictureAspect} label={t('place.picture')} isCrosshair={step.do !== 'clickMapFor'} onPress={pressPicture} onPointer={setPointerAt}>{drawPicture}</PictureView>
          <Group gap="md" mt={6}>
            <Checkbox size="xs" label={t('place.showGrid')} checked={showsGrid} onChange={(event) => setShowsGrid(event.currentTarget.checked)} disabled={views === null} />
            <Button size="compact-xs" variant="default" onClick={() => setTurn((was) => was + 1)}>{t('place.newPicture')}</Button>
            <span className="setup-quiet">{fit.state === 'tooFew' ? t('place.gridLater') : views === null ? '' : t('place.personHint', { heightM: now.headHeightM })}</span>
          </Group>
        </section>
        <div>
          <SiteMap origin={site.origin} grid={site.grid} focus={focus} focusKey={sensor.sensorId} label={t('place.map')} isCrosshair={step.do === 'clickMapFor' || step.do === 'setPosition'} onPress={pressMap}>{drawMap}</SiteMap>
          <Group gap="md" mt={6}><Checkbox size="xs" label={t('place.quality.show')} checked={showsQuality} onChange={(event) => setShowsQuality(event.currentTarget.checked)} disabled={calibration === null} /></Group>
          {showsQuality && <GroundQualityLegend painted={quality} />}
          <p className="setup-quiet">{t('place.mapHint')}</p>
        </div>
      </div>
      {isOtherShape && <NoteBox note={problemNote('pictureShapeChanged')} />}
      <div className="setup-place-below">
        <section aria-labelledby="setup-pairs-title">
          <Group justify="space-between"><h2 id="setup-pairs-title">{t('place.pairs')}</h2>
            <Group gap="xs">
              <Button size="compact-sm" variant="default" disabled={now.pairs.length >= PAIRS_MOST} onClick={() => { change((from) => withNewPair(from, middle)); settle(); }}>{t('place.addPair')}</Button>
              <Button size="compact-sm" variant="default" disabled={!draft.canUndo} onClick={draft.undo}>{t('place.undo')}</Button>
            </Group>
          </Group>
          {now.pairs.length === 0 ? <p className="setup-quiet">{t('place.noPairs')}</p> : (
            <Table.ScrollContainer minWidth={430}>
              <Table className="setup-table" withRowBorders={false} verticalSpacing={2} horizontalSpacing={4}>
                <Table.Thead><Table.Tr><Table.Th scope="col">{t('place.column.number')}</Table.Th><Table.Th scope="col">{t('place.column.pictureX')}</Table.Th><Table.Th scope="col">{t('place.column.pictureY')}</Table.Th><Table.Th scope="col">{t('place.column.east')}</Table.Th><Table.Th scope="col">{t('place.column.north')}</Table.Th><Table.Th scope="col">{t('place.column.error')}</Table.Th><Table.Th scope="col"><span className="setup-hidden">{t('place.column.remove')}</span></Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {now.pairs.map((pair) => {
                    const number = numberOf.get(pair.pairId)!, errorM = fit.state === 'tooFew' ? undefined : fit.errorMOf.get(pair.pairId), isWorst = markedPairId === pair.pairId;
                    return (
                      <Table.Tr key={pair.pairId} data-chosen={chosen === pair.pairId || undefined} onFocus={() => setChosen(pair.pairId)}>
                        <Table.Th scope="row">{number}</Table.Th>
                        <Table.Td><NumberField isLabelHidden required={false} label={t('place.cell.pictureX', { number })} value={pair.picture === null ? null : pair.picture.xShare * 100} digits={1} least={0} most={100} onSettle={settle} onChange={(value) => setPairNumber(pair.pairId, (was) => ({ picture: value === null ? null : { xShare: value / 100, yShare: was.picture?.yShare ?? 0.5 } }))} /></Table.Td>
                        <Table.Td><NumberField isLabelHidden required={false} label={t('place.cell.pictureY', { number })} value={pair.picture === null ? null : pair.picture.yShare * 100} digits={1} least={0} most={100} onSettle={settle} onChange={(value) => setPairNumber(pair.pairId, (was) => ({ picture: value === null ? null : { xShare: was.picture?.xShare ?? 0.5, yShare: value / 100 } }))} /></Table.Td>
                        <Table.Td><NumberField isLabelHidden required={false} label={t('place.cell.east', { number })} value={pair.ground?.xM ?? null} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => setPairNumber(pair.pairId, (was) => ({ ground: value === null ? null : { xM: value, yM: was.ground?.yM ?? middle.yM } }))} /></Table.Td>
                        <Table.Td><NumberField isLabelHidden required={false} label={t('place.cell.north', { number })} value={pair.ground?.yM ?? null} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => setPairNumber(pair.pairId, (was) => ({ ground: value === null ? null : { xM: was.ground?.xM ?? middle.xM, yM: value } }))} /></Table.Td>
                        <Table.Td className={isWorst ? 'setup-error-cell worst' : 'setup-error-cell'}>{pair.picture === null ? t('place.waitsPicture') : pair.ground === null ? t('place.waitsMap') : errorM === undefined ? (isWorst ? t('place.suspect') : '–') : t(isWorst ? 'place.errorWorst' : 'place.error', { errorM: errorM.toFixed(2) })}</Table.Td>
                        <Table.Td><Button size="compact-xs" variant="subtle" aria-label={t('place.removePair', { number })} onClick={() => { change((from) => withoutPair(from, pair.pairId)); settle(); }}>✕</Button></Table.Td>
                      </Table.Tr>
                    );
                  })}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
          <FitWords fit={fit} draft={now} onUsePose={usePose} />
        </section>
        <section aria-labelledby="setup-camera-title">
          <h2 id="setup-camera-title">{t('place.camera')}</h2>
          <div className="setup-fields">
            <NumberField label={t('place.east')} unit="m" required={false} value={now.position?.xM ?? null} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => ({ ...from, position: value === null ? null : { xM: value, yM: from.position?.yM ?? middle.yM } }))} />
            <NumberField label={t('place.north')} unit="m" required={false} value={now.position?.yM ?? null} least={-100_000} most={100_000} onSettle={settle} onChange={(value) => change((from) => ({ ...from, position: value === null ? null : { xM: from.position?.xM ?? middle.xM, yM: value } }))} />
            <NumberField label={t('place.height')} unit="m" value={now.heightM} least={2} most={300} onSettle={settle} onChange={(value) => change((from) => ({ ...from, heightM: value ?? from.heightM }))} />
            <NumberField label={t('place.bearing')} unit="°" value={now.bearingDeg} digits={0} least={0} most={360} onSettle={settle} onChange={(value) => change((from) => ({ ...from, bearingDeg: value ?? from.bearingDeg }))} />
            <NumberField label={t('place.headHeight')} unit="m" value={now.headHeightM} least={0.5} most={2.2} onSettle={settle} onChange={(value) => change((from) => ({ ...from, headHeightM: value ?? from.headHeightM }))} />
            <NumberField label={t('place.range')} unit="m" required={false} value={now.rangeMostM} least={1} most={1000} onSettle={settle} onChange={(value) => change((from) => ({ ...from, rangeMostM: value }))} />
          </div>
          <p className="setup-quiet">{t('place.cameraHint')}</p>
          <h2>{t('place.lens.title')}</h2>
          <div className="setup-fields">
            <NumberField label="k1" digits={4} required={false} value={now.lens?.k1 ?? null} least={-0.6} most={0.6} onSettle={settle} onChange={(k1) => { setLensNote(null); change((from) => ({ ...from, lens: lensWith(from.lens, { k1: k1 ?? 0 }) })); }} />
            <NumberField label="k2" digits={4} required={false} value={now.lens?.k2 ?? null} least={-0.3} most={0.3} onSettle={settle} onChange={(k2) => { setLensNote(null); change((from) => ({ ...from, lens: lensWith(from.lens, { k2: k2 ?? 0 }) })); }} />
          </div>
          <Group gap="xs">
            <Button size="compact-sm" variant="default" disabled={fit.state === 'tooFew'} onClick={estimateLens}>{t('place.lens.estimate')}</Button>
            {now.lens !== null && <Button size="compact-sm" variant="default" onClick={() => { setLensNote(null); change((from) => ({ ...from, lens: null })); settle(); }}>{t('place.lens.straight')}</Button>}
          </Group>
          {lensNote !== null && <NoteBox note={lensNote} />}
          <p className="setup-quiet">{t('place.lens.hint')}</p>
        </section>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <div className="setup-foot">
        {back !== undefined && <Button variant="default" onClick={back.go}>{back.word}</Button>}
        <span className="setup-quiet">{fit.state !== 'fits' ? t('place.saveNeedsPoints') : now.position === null ? t('place.saveNeedsPosition') : draft.isDirty ? t('unsaved.mark') : ''}</span>
        <Button loading={isSaving} disabled={fit.state !== 'fits' || now.position === null} onClick={() => void save()}>{savedWord}</Button>
      </div>
    </div>
  );
}

/** No distortion is no lens. */
const lensWith = (lens: Lens | null, more: Partial<Lens>): Lens | null => { const next = { k1: 0, k2: 0, ...lens, ...more }; return next.k1 === 0 && next.k2 === 0 ? null : next; };
const heldInPicture = ({ xShare, yShare }: PicturePoint): PicturePoint => ({ xShare: Math.min(1, Math.max(0, xShare)), yShare: Math.min(1, Math.max(0, yShare)) });
