// One camera: its picture, what it sends, how it is counted, and what is wrong with it in words.
import { useTranslation } from 'react-i18next';
import { useKinds, useScreen, useServerNowMs } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { SensorShape } from '../parts/SensorShape.tsx';
import { clockWords, whole } from '../parts/format.ts';
import { sensorLook } from '../parts/sensorLook.ts';
import { useFormat } from '../parts/useFormat.ts';
import { CameraPrivacy, useMaskLift } from '../privacy/CameraPrivacy.tsx';
import { hrefOf, setupPaths } from '../route.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfSensor } from '../shell/targetOf.ts';
import { CameraPicture } from './CameraPicture.tsx';
import { CardHead } from './CardHead.tsx';
import { ViewIsRight } from './ViewIsRight.tsx';

export function CameraCard({ sensorId }: { sensorId: string }) {
  const { t } = useTranslation();
  const { language, span } = useFormat();
  const { show } = useDesk();
  const nowMs = useServerNowMs();
  const kinds = useKinds();
  const sites = useScreen((screen) => screen.sites);
  const status = useScreen((screen) => screen.sensors.get(sensorId));
  const config = sites.find(({ sensors }) => sensors.some((sensor) => sensor.sensorId === sensorId));
  const sensor = config?.sensors.find((one) => one.sensorId === sensorId);
  const maySetUp = useMayAt('setup', config?.site.siteId), mayLook = useMayAt('picture', config?.site.siteId);
  const [liftedUntilMs, setLift] = useMaskLift(sensor);
  if (config === undefined || sensor === undefined) return <p className="notice-text">{t('site.noMatch')}</p>;
  const look = sensorLook(sensor, status, nowMs);
  const skewMs = status?.clockSkewMs ?? null;
  return (
    <section className="card camera-card" aria-label={`${t('camera.card')}: ${sensor.name}`} data-camera-card={sensorId}>
      <CardHead kind={t('camera.card')} name={sensor.name} sign={<SensorShape look={look} size={20} />}>{config.site.demo && <DemoBadge />}</CardHead>
      <p className="quiet">{config.site.name} · {kinds?.sensors.find(({ kind }) => kind === sensor.kind)?.title[language] ?? sensor.kind} · {look === 'preparing' || look === 'off' ? t(`camera.${look}`) : status === undefined || look === 'unknown' ? t('camera.noStatus') : t(`camera.${status.phase}`)}</p>
      {look === 'preparing' && status?.nextTryAtMs != null ? <p className="notice-text" role="status">{t('camera.preparingLong', { time: clockWords(status.nextTryAtMs, nowMs), span: span(status.nextTryAtMs - nowMs) })}</p> : !sensor.enabled ? <p className="notice-text">{t('camera.disabled')}</p> : !mayLook ? <p className="notice-text">{t('camera.mayNotLook')}</p> : <CameraPicture sensorId={sensorId} name={sensor.name} unmasked={liftedUntilMs !== null} />}
      {sensor.enabled && look !== 'preparing' && mayLook && <CameraPrivacy sensor={sensor} siteId={config.site.siteId} liftedUntilMs={liftedUntilMs} onLift={setLift} />}
      {status !== undefined && status.problem !== null && <ProblemBox note={status.problem} />}
      {sensor.enabled && status?.phase === 'waiting' && status.nextTryAtMs !== null && <p role="status">{t('camera.nextTry', { seconds: Math.max(0, Math.ceil((status.nextTryAtMs - nowMs) / 1000)), attempt: status.attempt })}</p>}
      {sensor.enabled && sensor.calibration === null && <p className="problem"><strong>{t('camera.unplaced')}.</strong> {t('camera.unplacedMeans')} {maySetUp && <a href={hrefOf(setupPaths.placeCamera(sensorId))}>{t('camera.place')}</a>}</p>}
      {status?.sight?.fault === 'moved' && maySetUp && <ViewIsRight sensorId={sensorId} />}
      {status?.framesUsed === 'keyframes' && <p className="problem">{t('camera.keyframes')}</p>}
      {status !== undefined && look !== 'preparing' && (
        <dl className="facts">
          <dt>{t('camera.people')}</dt><dd>{status.peopleInPicture === null ? '–' : `≈ ${whole(status.peopleInPicture)} ${t('unit.people')}`}</dd>
          <dt>{t('camera.lastFrame')}</dt><dd>{status.lastFrameAtMs === null ? t('age.never') : `${clockWords(status.lastFrameAtMs, nowMs)} (${t('age.ago', { span: span(nowMs - status.lastFrameAtMs) })})`}</dd>
          <dt>{t('camera.stream')}</dt><dd>{status.stream === null ? '–' : `${status.stream.codec.toUpperCase()} ${status.stream.widthPx}×${status.stream.heightPx}${status.stream.framesPerS === null ? '' : `, ${status.stream.framesPerS.toFixed(1)} ${t('unit.fps')}`}`}</dd>
          {status.analysis !== null && <><dt>{t('camera.analysis')}</dt><dd>{status.analysis.widthPx}×{status.analysis.heightPx}{status.analysis.tiles > 1 && ` ${t('camera.inTiles', { count: status.analysis.tiles })}`}: {t(`camera.because.${status.analysis.because}`, { px: status.analysis.farHeadPx === null ? '–' : status.analysis.farHeadPx.toFixed(1) })}</dd></>}
          {status.sight !== null && <><dt>{t('camera.sight')}</dt><dd>{status.sight.fault === null ? t('camera.sightGood') : <strong>{t(`blind.${status.sight.fault}`)}</strong>}<Measures measures={status.sight.measures} /></dd></>}
          <dt>{t('camera.rates')}</dt><dd>{t('camera.decoded')} {status.framesDecoded}, {t('camera.counted')} {status.framesCounted}, {t('camera.dropped')} {status.framesDropped}</dd>
          {status.countMs !== null && <><dt>{t('camera.countMs')}</dt><dd>{status.countMs.toFixed(0)} ms</dd></>}
          <dt>{t('camera.skew')}</dt><dd>{skewMs === null ? t('camera.skewNone') : Math.abs(skewMs) < 1000 ? `${skewMs.toFixed(0)} ms` : `${span(Math.abs(skewMs))} ${skewMs > 0 ? t('camera.fast') : t('camera.slow')}`}, {status.clock === 'camera' ? t('camera.skewCamera') : t('camera.skewOurs')}</dd>
          <dt>{t('camera.address')}</dt><dd className="address">{sensor.addressShown}</dd>
        </dl>
      )}
      <div className="card-actions">
        <button type="button" className="action quiet-action" onClick={() => show(targetOfSensor(sensorId, sites))}>{t('alarms.fly')}</button>
        {maySetUp && <a className="action quiet-action" href={hrefOf(setupPaths.camera(sensorId))}>{t('camera.edit')}</a>}
      </div>
    </section>
  );
}

/** For the technician, one click away. */
function Measures({ measures }: { measures: Record<string, number> }) {
  const { t } = useTranslation();
  const list = Object.entries(measures);
  return list.length === 0 ? null : <details><summary>{t('camera.measures')}</summary><code>{list.map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`).join(', ')}</code></details>;
}
