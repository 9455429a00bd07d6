// The cameras around an incident and the density of its zone: what somebody would look at first.
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Incident } from '../../contract/incident.ts';
import type { Sensor, SiteConfig } from '../../contract/site.ts';
import { sitePointOf } from '../../crowd/place.ts';
import { CameraPicture } from '../cards/CameraPicture.tsx';
import { useScreen } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { Figure } from '../parts/Figure.tsx';
import { IncidentMap } from './IncidentMap.tsx';

const ZoneCurve = lazy(() => import('../cards/ZoneCurve.tsx'));
/** Each shown picture is asked for once a second. */
const CAMERAS_FIRST = 2, CAMERAS_MOST = 8;

export function AroundPanel({ incident }: { incident: Incident }) {
  const { t } = useTranslation('incidents'), page = useTranslation().t;
  const mayLook = useMayAt('picture', incident.place.siteId);
  const { siteId, zoneId } = incident.place;
  const sites = useScreen((screen) => screen.sites), zones = useScreen((screen) => screen.zones);
  const [all, setAll] = useState(false);
  const config = sites.find(({ site }) => site.siteId === siteId);
  const cameras = useMemo(() => camerasAround(config, incident.place), [config, incident.place]);
  const zone = config?.zones.find((each) => each.zoneId === zoneId);
  const state = zoneId === null ? undefined : zones.get(zoneId);
  const shown = cameras.slice(0, all ? CAMERAS_MOST : CAMERAS_FIRST);
  const spots = useMemo(() => [{ incidentId: incident.incidentId, severity: incident.severity, step: incident.step, exercise: incident.exercise, point: incident.place.point, due: null, overdueSinceMs: null }], [incident]);
  return (
    <section aria-label={t('one.around')} className="in-panel">
      <h3>{t('one.around')} {zone !== undefined && <Figure state={state} />}</h3>
      {!mayLook ? <p className="quiet">{page('camera.mayNotLook')}</p> : cameras.length === 0 ? <p className="quiet">{t('one.noCameras')}</p> : <div className="in-cameras">{shown.map((sensor) => <div key={sensor.sensorId}><p className="in-camera-name">{sensor.name}</p><CameraPicture sensorId={sensor.sensorId} name={sensor.name} /></div>)}</div>}
      {mayLook && cameras.length > CAMERAS_FIRST && <button type="button" className="plain" aria-expanded={all} onClick={() => setAll(!all)}>{all ? t('one.fewerCameras') : t('one.moreCameras')} ({Math.min(CAMERAS_MOST, cameras.length)})</button>}
      {zone === undefined ? <p className="quiet">{t('one.noZone')}</p> : <><h4>{t('one.density')}</h4><Suspense fallback={<p className="quiet">{t('page.loading')}</p>}><ZoneCurve zone={zone} forecast={state?.sight === 'seen' ? state.forecast : null} /></Suspense></>}
      <div className="in-place-map"><IncidentMap lines={spots} chosenId={null} focus={incident.place.point} label={t('one.map')} /></div>
    </section>
  );
}

/** The camera itself, where it is what is wrong; otherwise the placed ones of the site, the nearest first. */
export function camerasAround(config: SiteConfig | undefined, place: Pick<Incident['place'], 'sensorId' | 'point'>): Sensor[] {
  if (config === undefined) return [];
  const at = sitePointOf(config.site.origin, place.point);
  const awayM = ({ calibration }: Sensor) => (calibration === null ? Number.POSITIVE_INFINITY : Math.hypot(calibration.position.xM - at.xM, calibration.position.yM - at.yM));
  return config.sensors.filter((sensor) => sensor.enabled && (sensor.calibration !== null || sensor.sensorId === place.sensorId)).toSorted((a, b) => Number(b.sensorId === place.sensorId) - Number(a.sensorId === place.sensorId) || awayM(a) - awayM(b));
}
