// The places with their zones and cameras: level, number and age of each, and a search over all names.
import { memo, useDeferredValue, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlowLine } from '../../contract/flow.ts';
import type { Sensor, SiteConfig, Zone } from '../../contract/site.ts';
import type { ZoneState } from '../../contract/zoneState.ts';
import { levelRank } from '../../contract/level.ts';
import { DemoBadge } from '../parts/DemoBadge.tsx';
import { Figure } from '../parts/Figure.tsx';
import { LineFigure } from '../parts/LineFigure.tsx';
import { LevelShape, type Look } from '../parts/LevelShape.tsx';
import { SensorShape } from '../parts/SensorShape.tsx';
import { useSensorMark } from '../parts/useSensorMark.ts';
import { useScreen } from '../live/LiveProvider.tsx';
import { useMayAt } from '../live/useMayAt.ts';
import { useMay } from '../parts/me.ts';
import { hrefOf, setupPaths } from '../route.ts';
import { useDesk } from '../shell/chosen.ts';
import { targetOfSite } from '../shell/targetOf.ts';

export function PlacesPanel({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const maySetUp = useMay('setup');
  const wanted = useDeferredValue(typed.trim().toLocaleLowerCase());
  const sites = useScreen((screen) => screen.sites);
  const isThere = useScreen((screen) => screen.overview.state === 'there');
  const shown = sites.map((config) => matching(config, wanted)).filter((config) => config !== null);
  return (
    <div className="places">
      <div className="panel-head"><h2>{t('site.sites')}</h2></div>
      <input ref={searchRef} type="search" className="search" value={typed} placeholder={t('site.search')} aria-label={t('site.search')} onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => { if (event.key === 'Escape') { setTyped(''); event.currentTarget.blur(); } }} />
      <div className="places-list">
        {!isThere && <p className="notice-text">{t('state.loading')}</p>}
        {isThere && sites.length === 0 && <p className="notice-text">{t('site.none')} {maySetUp && <a href={hrefOf(setupPaths.addSite())}>{t('site.addSite')}</a>}</p>}
        {sites.length > 0 && shown.length === 0 && <p className="notice-text" role="status">{t('site.noMatch')}</p>}
        {shown.map((config) => <Place key={config.site.siteId} config={config} whole={wanted === ''} />)}
      </div>
    </div>
  );
}

function matching(config: SiteConfig, wanted: string): SiteConfig | null {
  if (wanted === '' || config.site.name.toLocaleLowerCase().includes(wanted)) return config;
  const zones = config.zones.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const sensors = config.sensors.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const lines = config.lines?.filter(({ name }) => name.toLocaleLowerCase().includes(wanted)) ?? [];
  return zones.length + lines.length + sensors.length === 0 ? null : { ...config, zones, lines, sensors };
}

function Place({ config, whole }: { config: SiteConfig; whole: boolean }) {
  const { t } = useTranslation();
  const { show } = useDesk();
  const sites = useScreen((screen) => screen.sites);
  const { site, zones, lines = [], sensors } = config;
  const look = useScreen((screen) => worstLook(screen.zones, zones));
  const maySetUp = useMayAt('setup', site.siteId);
  return (
    <section className="place" aria-label={site.name}>
      <h3>
        {look !== null && <LevelShape look={look} title={t(`level.${look}`)} />}
        <button type="button" className="name" title={t('site.show')} onClick={() => show(targetOfSite(site.siteId, sites))}>{site.name}</button>
        {site.demo && <DemoBadge />}
        {maySetUp && <a className="edit" href={hrefOf(setupPaths.site(site.siteId))} aria-label={`${t('site.edit')}: ${site.name}`}>✎</a>}
      </h3>
      {zones.length > 0 && <ul aria-label={t('site.zones')}>{zones.map((zone) => <ZoneRow key={zone.zoneId} zone={zone} demo={site.demo} />)}</ul>}
      {whole && zones.length === 0 && <p className="notice-text">{t('site.noZones')} {maySetUp && <a href={hrefOf(setupPaths.addZone(site.siteId))}>{t('site.addZone')}</a>}</p>}
      {lines.length > 0 && <ul aria-label={t('line.lines')}>{lines.map((line) => <LineRow key={line.lineId} line={line} />)}</ul>}
      {sensors.length > 0 && <ul aria-label={t('site.cameras')}>{sensors.map((sensor) => <SensorRow key={sensor.sensorId} sensor={sensor} />)}</ul>}
      {whole && (maySetUp || sensors.length === 0) && <p className="notice-text">{sensors.length === 0 && <>{t('site.noCameras')} </>}{maySetUp && <a href={hrefOf(setupPaths.addCamera(site.siteId))}>{t('site.addCamera')}</a>}</p>}
    </section>
  );
}

/** Blind outranks calm: a place that nobody sees is not at rest. */
function worstLook(states: ReadonlyMap<string, ZoneState>, zones: readonly Zone[]): Look | null {
  let worst: Look | null = null, rank = -1;
  for (const { zoneId } of zones) {
    const state = states.get(zoneId);
    if (state === undefined) continue;
    const [look, itsRank]: [Look, number] = state.sight === 'blind' ? ['blind', 0.5] : [state.level, levelRank(state.level)];
    if (itsRank > rank) { worst = look; rank = itsRank; }
  }
  return worst;
}

const ZoneRow = memo(function ZoneRow({ zone, demo }: { zone: Zone; demo: boolean }) {
  const { t } = useTranslation();
  const { chosen, choose } = useDesk();
  const state = useScreen((screen) => screen.zones.get(zone.zoneId));
  const look: Look = state === undefined || state.sight === 'blind' ? 'blind' : state.level;
  const isChosen = chosen?.kind === 'zone' && chosen.zoneId === zone.zoneId;
  return (
    <li><button type="button" className={isChosen ? 'row chosen' : 'row'} aria-pressed={isChosen} onClick={() => choose({ kind: 'zone', zoneId: zone.zoneId })} data-demo={demo || undefined}>
      <LevelShape look={look} title={t(`level.${look}`)} /><span className="name">{zone.name}</span><Figure state={state} short />
    </button></li>
  );
});

const LineRow = memo(function LineRow({ line }: { line: FlowLine }) {
  const { chosen, choose } = useDesk();
  const isChosen = chosen?.kind === 'line' && chosen.lineId === line.lineId;
  return (
    <li><button type="button" className={isChosen ? 'row chosen' : 'row'} aria-pressed={isChosen} onClick={() => choose({ kind: 'line', lineId: line.lineId })}>
      <span className="sensor-shape" aria-hidden="true">⇄</span><span className="name">{line.name}</span><LineFigure lineId={line.lineId} short />
    </button></li>
  );
});

const SensorRow = memo(function SensorRow({ sensor }: { sensor: Sensor }) {
  const { t } = useTranslation();
  const { status, look, isChosen, onChoose } = useSensorMark(sensor);
  return (
    <li><button type="button" className={isChosen ? 'row chosen' : 'row'} aria-pressed={isChosen} onClick={onChoose}>
      <SensorShape look={look} /><span className="name">{sensor.name}</span><span className={`sensor-word sensor-${look}`}>{look === 'problem' ? (status?.phase === 'counting' ? t('camera.counting') : t('camera.waiting')) : t(`camera.${look}`)}{look === 'problem' && ' !'}</span>
    </button></li>
  );
});
