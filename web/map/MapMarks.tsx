// What stands on the map as words and signs: a zone's level, number and age; a camera with its state.
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlowLine } from '../../contract/flow.ts';
import type { Sensor, Zone } from '../../contract/site.ts';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape, type Look } from '../parts/LevelShape.tsx';
import { SensorShape } from '../parts/SensorShape.tsx';
import { useSensorMark } from '../parts/useSensorMark.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { calls as callsNow } from '../live/store.ts';
import { useDesk } from '../shell/chosen.ts';

/** Narrower zones show their sign only; the number is in the list and in the card. */
const ROOM_FOR_WORDS_PX = 70;

export const ZoneLabel = memo(function ZoneLabel({ zone, widthPx }: { zone: Zone; widthPx: number }) {
  const { t } = useTranslation();
  const { chosen, choose } = useDesk();
  const state = useScreen((screen) => screen.zones.get(zone.zoneId));
  const look: Look = state === undefined || state.sight === 'blind' ? 'blind' : state.level;
  const calls = useScreen((screen) => look === 'critical' && screen.alarms.some((alarm, index) => index < screen.alarmsOpenCount && callsNow(alarm) && !alarm.exercise && alarm.place.kind === 'zone' && alarm.place.zoneId === zone.zoneId));
  const isChosen = chosen?.kind === 'zone' && chosen.zoneId === zone.zoneId;
  const hasRoom = widthPx >= ROOM_FOR_WORDS_PX || isChosen || (look !== 'calm' && look !== 'blind');
  return (
    <button type="button" className={`zone-label level-${look}${isChosen ? ' chosen' : ''}${calls ? ' calling' : ''}`} data-zone-id={zone.zoneId} data-look={look} onClick={() => choose({ kind: 'zone', zoneId: zone.zoneId })}
      aria-label={hasRoom ? undefined : `${t('zone.card')} ${zone.name}: ${t(`level.${look}`)}`}>
      <LevelShape look={look} size={16} />{hasRoom && <span className="label-words"><span className="label-name">{zone.name}</span><Figure state={state} /></span>}
    </button>
  );
});

/** The arrow points the way that counts as in: to the right of a -> b. */
export const LineMark = memo(function LineMark({ line }: { line: FlowLine }) {
  const { t } = useTranslation();
  const { chosen, choose } = useDesk();
  const isChosen = chosen?.kind === 'line' && chosen.lineId === line.lineId;
  const inDeg = Math.atan2(line.b.yM - line.a.yM, -(line.b.xM - line.a.xM)) * 180 / Math.PI;
  return (
    <button type="button" className={`zone-label line-mark${isChosen ? ' chosen' : ''}`} data-line-id={line.lineId} onClick={() => choose({ kind: 'line', lineId: line.lineId })}>
      <svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true"><path d="M0 7V-5M-4-1 0-6 4-1" fill="none" stroke="currentColor" strokeWidth="1.8" transform={`rotate(${inDeg.toFixed(0)})`} /></svg>
      <span className="label-words"><span className="label-name"><span className="hidden-text">{t('line.card')} </span>{line.name}</span><LineFigure lineId={line.lineId} short /></span>
    </button>
  );
});

export const CameraMark = memo(function CameraMark({ sensor }: { sensor: Sensor }) {
  const { t } = useTranslation();
  const { look, isChosen, onChoose } = useSensorMark(sensor);
  const word = look === 'problem' ? t('camera.waiting') : t(`camera.${look}`);
  return (
    <button type="button" className={`camera-mark sensor-${look}${isChosen ? ' chosen' : ''}`} title={`${sensor.name}: ${word}`} aria-label={`${t('map.camera')} ${sensor.name}: ${word}`} onClick={onChoose}>
      <svg className="bearing" width="34" height="34" viewBox="-17 -17 34 34" aria-hidden="true"><path d="M-5 -11 0 -17 5 -11Z" fill="currentColor" transform={`rotate(${sensor.calibration?.bearingDeg ?? 0})`} /></svg>
      <SensorShape look={look} size={16} />
    </button>
  );
});
