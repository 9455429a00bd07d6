// Privacy masks of one camera, drawn on its picture by mouse or keyboard. All of them are kept at once.
import './privacy.css';
import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PicturePoint } from '../../contract/geometry.ts';
import { MASK_CORNERS_MOST, MASKS_MOST, type MaskPolygons, type Sensor } from '../../contract/site.ts';
import { maskedCells } from '../../crowd/mask.ts';
import { usePage } from '../live/LiveProvider.tsx';
import { goTo, setupPaths } from '../route.ts';
import type { Trouble } from '../setup/api.ts';
import { Handle, type Shift } from '../setup/Handle.tsx';
import { PictureView, type PictureFrame } from '../setup/picture/PictureView.tsx';
import { usePicture } from '../setup/picture/usePicture.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { useDraft } from '../setup/useDraft.ts';
import { useUnsaved } from '../setup/useUnsaved.tsx';
import { privacyApi } from './api.ts';

const STEP_SHARE = 0.004, ASPECT_USUAL = 16 / 9;
const NEW_MASK: MaskPolygons[number] = [{ xShare: 0.4, yShare: 0.4 }, { xShare: 0.6, yShare: 0.4 }, { xShare: 0.6, yShare: 0.6 }, { xShare: 0.4, yShare: 0.6 }];

export function MasksPanel({ sensor }: { sensor: Sensor }) {
  const { t } = useTranslation('privacy');
  const { connection } = usePage();
  const picture = usePicture(sensor.sensorId, 0, null), draft = useDraft<MaskPolygons>(sensor.masks?.polygons ?? []);
  const [chosen, setChosen] = useState<{ mask: number; corner: number }>({ mask: 0, corner: 0 }), [trouble, setTrouble] = useState<Trouble | null>(null), [isSaving, setIsSaving] = useState(false);
  const { question, leave } = useUnsaved(draft.isDirty);
  const polygons = draft.now, mask = polygons[chosen.mask] ?? null;
  const replace = (index: number, to: (polygon: MaskPolygons[number]) => MaskPolygons[number]) => draft.change((now) => now.map((one, at) => (at === index ? to(one) : one)));
  const move = (index: number, corner: number, to: (point: PicturePoint) => PicturePoint) => replace(index, (polygon) => polygon.map((point, at) => (at === corner ? held(to(point)) : point)));
  const step = (index: number, corner: number, { dx, dy }: Shift) => move(index, corner, ({ xShare, yShare }) => ({ xShare: xShare + dx * STEP_SHARE, yShare: yShare + dy * STEP_SHARE }));
  const removeCorner = (index: number, corner: number) => { if ((polygons[index]?.length ?? 0) <= 3) return; replace(index, (polygon) => polygon.filter((_, at) => at !== corner)); draft.settle(); setChosen({ mask: index, corner: 0 }); };
  const insert = (index: number, after: number, point: PicturePoint) => { if ((polygons[index]?.length ?? 0) >= MASK_CORNERS_MOST) return; replace(index, (polygon) => [...polygon.slice(0, after + 1), held(point), ...polygon.slice(after + 1)]); draft.settle(); setChosen({ mask: index, corner: after + 1 }); };
  const middleOf = (polygon: MaskPolygons[number], at: number): PicturePoint => { const a = polygon[at]!, b = polygon[(at + 1) % polygon.length]!; return { xShare: (a.xShare + b.xShare) / 2, yShare: (a.yShare + b.yShare) / 2 }; };
  const save = async () => {
    setIsSaving(true);
    const answer = await privacyApi.masks(sensor.sensorId, { polygons });
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { connection.refetch(); goTo(setupPaths.camera(sensor.sensorId)); });
  };
  const draw = (frame: PictureFrame) => (
    <>
      <g aria-hidden="true">{polygons.map((polygon, index) => <path key={index} className="mask-shape" data-chosen={index === chosen.mask || undefined} d={`${polygon.map((point, at) => { const { x, y } = frame.at(point); return `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`; }).join('')}Z`} />)}</g>
      {polygons.map((polygon, index) => polygon.map((point, corner) => (
        <Handle key={`${index} ${corner}`} name={`mask-${index}-${corner}`} at={frame.at(point)} label={t('masks.corner', { mask: index + 1, corner: corner + 1 })} isChosen={index === chosen.mask && corner === chosen.corner}
          onChoose={() => setChosen({ mask: index, corner })} onDrag={(client) => move(index, corner, () => frame.shareOfClient(client))} onStep={(shift) => step(index, corner, shift)} onEnd={draft.settle} onRemove={() => removeCorner(index, corner)}>
          <circle r={index === chosen.mask && corner === chosen.corner ? 7 : 5} className="mask-corner" />
        </Handle>
      )))}
    </>
  );
  return (
    <div className="mask-panel">
      {question}
      <p>{t('masks.lead')}</p>
      <PictureView picture={picture} pictureAspect={picture.state === 'there' ? picture.pictureAspect : sensor.calibration?.pictureAspect ?? ASPECT_USUAL} label={t('masks.picture')} isCrosshair={mask !== null} onPress={(point) => { if (mask !== null) insert(chosen.mask, nearestSide(mask, point), point); }} caption={t('masks.help')}>{draw}</PictureView>
      <Group gap="xs" className="mask-tools">
        <Button size="compact-sm" disabled={polygons.length >= MASKS_MOST} onClick={() => { draft.change((now) => [...now, NEW_MASK]); draft.settle(); setChosen({ mask: polygons.length, corner: 0 }); }}>{t('masks.add')}</Button>
        <Button size="compact-sm" variant="default" disabled={mask === null || mask.length >= MASK_CORNERS_MOST} onClick={() => { if (mask !== null) insert(chosen.mask, chosen.corner, middleOf(mask, Math.min(chosen.corner, mask.length - 1))); }}>{t('masks.addCorner')}</Button>
        <Button size="compact-sm" variant="default" disabled={mask === null || mask.length <= 3} onClick={() => removeCorner(chosen.mask, Math.min(chosen.corner, (mask?.length ?? 1) - 1))}>{t('masks.removeCorner')}</Button>
        <Button size="compact-sm" variant="default" disabled={!draft.canUndo} onClick={draft.undo}>{t('masks.undo')}</Button>
      </Group>
      {polygons.length === 0 ? <p className="quiet">{t('masks.none')}</p> : (
        <ul className="mask-list">{polygons.map((_, index) => <li key={index} data-mask={index + 1}><button type="button" className="plain" aria-pressed={index === chosen.mask} onClick={() => setChosen({ mask: index, corner: 0 })}>{t('masks.mask', { number: index + 1 })}</button><Button size="compact-xs" variant="default" aria-label={`${t('masks.remove')}: ${t('masks.mask', { number: index + 1 })}`} onClick={() => { draft.change((now) => now.filter((__, at) => at !== index)); draft.settle(); setChosen({ mask: 0, corner: 0 }); }}>{t('masks.remove')}</Button></li>)}</ul>
      )}
      <p className="quiet" data-masked-share>{t('masks.share', { percent: Math.round(maskedShare(polygons) * 100) })} · {t('masks.most', { masks: MASKS_MOST, corners: MASK_CORNERS_MOST })}</p>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <Group className="setup-foot"><Button variant="default" onClick={() => goTo(setupPaths.camera(sensor.sensorId))}>{t('masks.cancel')}</Button><Button loading={isSaving} disabled={!draft.isDirty} onClick={() => void save()}>{t('masks.save')}</Button></Group>
    </div>
  );
}

/** A little over the edge is meant as the edge. */
const held = ({ xShare, yShare }: PicturePoint): PicturePoint => ({ xShare: Math.min(1.02, Math.max(-0.02, xShare)), yShare: Math.min(1.02, Math.max(-0.02, yShare)) });

function nearestSide(polygon: MaskPolygons[number], point: PicturePoint): number {
  let nearest = 0, leastFar = Infinity;
  polygon.forEach((a, at) => {
    const b = polygon[(at + 1) % polygon.length]!, dx = b.xShare - a.xShare, dy = b.yShare - a.yShare, length = dx * dx + dy * dy, along = length === 0 ? 0 : Math.max(0, Math.min(1, ((point.xShare - a.xShare) * dx + (point.yShare - a.yShare) * dy) / length));
    const far = Math.hypot(point.xShare - a.xShare - along * dx, point.yShare - a.yShare - along * dy);
    if (far < leastFar) { leastFar = far; nearest = at; }
  });
  return nearest;
}

function maskedShare(polygons: MaskPolygons): number {
  const cells = maskedCells(polygons, { columns: 160, rows: 90 });
  return cells.reduce((sum, one) => sum + one, 0) / cells.length;
}
