// Everything that is set up: sites, their cameras with what they do now, their zones; each can be changed and removed.
import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import type { FlowLine } from '../../../contract/flow.ts';
import type { Sensor, SiteConfig, Zone } from '../../../contract/site.ts';
import { polygonAreaM2 } from '../../../crowd/zoneShape.ts';
import { usePage, useScreen } from '../../live/LiveProvider.tsx';
import { useMay } from '../../parts/me.ts';
import { hrefOf, pagePaths, setupPaths } from '../../route.ts';
import { setupApi, type Trouble } from '../api.ts';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { LIMIT_KEYS } from '../zones/zoneDraft.ts';
import { SensorState } from './SensorState.tsx';

type Removing = { what: 'site'; config: SiteConfig } | { what: 'camera'; sensor: Sensor } | { what: 'zone'; zone: Zone } | { what: 'line'; line: FlowLine };

export function ManagePage({ sites, kinds }: { sites: readonly SiteConfig[]; kinds: Kinds | null }) {
  const { t } = useTranslation('setup'), { t: org } = useTranslation('org'), { t: channels } = useTranslation('channels'), { t: privacy } = useTranslation('privacy');
  const { connection } = usePage();
  const mayAt = useScreen((screen) => screen.mayAt), maySetUp = useMay('setup'), mayChannels = useMay('channels', null), mayKeep = useMay('retention');
  const [removing, setRemoving] = useState<Removing | null>(null);
  const done = () => { setRemoving(null); connection.refetch(); };
  const hasOwn = sites.some(({ site, sensors }) => !site.demo && sensors.length > 0);
  return (
    <div className="setup-sheet">
      <Group justify="space-between" align="center"><h1>{t('manage.title')}</h1>
        <Group gap="xs"><Button variant="default" component="a" href={hrefOf(setupPaths.units())}>{org('units.link')}</Button>{mayChannels && <Button variant="default" component="a" href={hrefOf(setupPaths.channels())}>{channels('link')}</Button>}{mayKeep && <Button variant="default" component="a" href={hrefOf(pagePaths.privacy())}>{privacy('page.title')}</Button>}<Button variant="default" component="a" href={hrefOf(setupPaths.model())}>{t('model.link')}</Button>{maySetUp && <><Button variant="default" component="a" href={hrefOf(setupPaths.addSite())}>{t('manage.addSite')}</Button><Button component="a" href={hrefOf(setupPaths.addCamera())}>{t('manage.addCamera')}</Button></>}</Group>
      </Group>
      {!hasOwn && maySetUp && <p className="setup-first">{t('manage.first')}</p>}
      {sites.filter(({ site }) => mayAt[site.siteId]?.includes('setup') ?? maySetUp).map((config) => <SiteBlock key={config.site.siteId} config={config} kinds={kinds} onRemove={setRemoving} />)}
      {removing?.what === 'site' && (
        <ConfirmRemove title={t('remove.siteTitle', { name: removing.config.site.name })} typedName={removing.config.site.name} remove={() => setupApi.removeSite(removing.config.site.siteId)} onClose={() => setRemoving(null)} onRemoved={done}>
          <p>{t('remove.siteText', { cameras: removing.config.sensors.length, zones: removing.config.zones.length })}</p>
          {removing.config.sensors.length + removing.config.zones.length > 0 && <ul>{removing.config.sensors.map((sensor) => <li key={sensor.sensorId}>{t('remove.cameraItem', { name: sensor.name })}</li>)}{removing.config.zones.map((zone) => <li key={zone.zoneId}>{t('remove.zoneItem', { name: zone.name })}</li>)}</ul>}
        </ConfirmRemove>
      )}
      {removing?.what === 'camera' && <ConfirmRemove title={t('remove.cameraTitle', { name: removing.sensor.name })} typedName={null} remove={() => setupApi.removeSensor(removing.sensor.sensorId)} onClose={() => setRemoving(null)} onRemoved={done}><p>{t('remove.cameraText')}</p></ConfirmRemove>}
      {removing?.what === 'line' && <ConfirmRemove title={t('remove.lineTitle', { name: removing.line.name })} typedName={null} remove={() => setupApi.removeLine(removing.line.lineId)} onClose={() => setRemoving(null)} onRemoved={done}><p>{t('remove.lineText')}</p></ConfirmRemove>}
      {removing?.what === 'zone' && <ConfirmRemove title={t('remove.zoneTitle', { name: removing.zone.name })} typedName={null} remove={() => setupApi.removeZone(removing.zone.zoneId)} onClose={() => setRemoving(null)} onRemoved={done}><p>{t('remove.zoneText')}</p></ConfirmRemove>}
    </div>
  );
}

function SiteBlock({ config, kinds, onRemove }: { config: SiteConfig; kinds: Kinds | null; onRemove: (removing: Removing) => void }) {
  const { t } = useTranslation('setup'), { t: org } = useTranslation('org');
  const language = useLanguage();
  const { connection } = usePage();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const { site, sensors, zones, lines = [] } = config;
  const turn = async (sensor: Sensor) => {
    const answer = await setupApi.changeSensor(sensor.sensorId, { enabled: !sensor.enabled });
    setTrouble(answer.ok ? null : answer.trouble);
    connection.refetch();
  };
  return (
    <section className="setup-panel setup-site-block" aria-labelledby={`site-${site.siteId}`} data-site={site.name}>
      <Group justify="space-between">
        <div><h2 id={`site-${site.siteId}`}>{site.name}{site.demo && <span className="setup-demo">{t('manage.demo')}</span>}</h2><p className="setup-quiet">{t('manage.siteSize', { widthM: site.grid.columns * site.grid.cellM, depthM: site.grid.rows * site.grid.cellM, cellM: site.grid.cellM })}</p></div>
        <Group gap="xs">
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.addCamera(site.siteId))}>{t('manage.addCamera')}</Button>
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.addZone(site.siteId))}>{t('manage.addZone')}</Button>
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.addLine(site.siteId))}>{t('manage.addLine')}</Button>
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.playbooks(site.siteId))}>{org('units.playbooksLink')}</Button>
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.site(site.siteId))} aria-label={t('manage.editNamed', { name: site.name })}>{t('manage.edit')}</Button>
          <Button size="compact-sm" variant="default" className="setup-danger" aria-label={t('manage.removeNamed', { name: site.name })} onClick={() => onRemove({ what: 'site', config })}>{t('manage.remove')}</Button>
        </Group>
      </Group>
      {trouble !== null && <TroubleBox trouble={trouble} onClose={() => setTrouble(null)} />}
      <h3>{t('manage.cameras')}</h3>
      {sensors.length === 0 ? <p className="setup-quiet">{t('manage.noCameras')}</p> : (
        <Table.ScrollContainer minWidth={720}>
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('manage.column.name')}</Table.Th><Table.Th scope="col">{t('manage.column.state')}</Table.Th><Table.Th scope="col">{t('manage.column.address')}</Table.Th><Table.Th scope="col">{t('manage.column.do')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{sensors.map((sensor) => (
              <Table.Tr key={sensor.sensorId}>
                <Table.Th scope="row"><a href={hrefOf(setupPaths.camera(sensor.sensorId))}>{sensor.name}</a></Table.Th>
                <Table.Td className="setup-state-cell"><SensorState sensor={sensor} /></Table.Td>
                <Table.Td><span className="setup-address-shown">{sensor.addressShown}</span> <span className="setup-quiet">{kinds?.sensors.find((each) => each.kind === sensor.kind)?.title[language] ?? sensor.kind}</span></Table.Td>
                <Table.Td><div className="setup-actions">
                  <Button size="compact-xs" variant={sensor.calibration === null ? 'filled' : 'default'} component="a" href={hrefOf(setupPaths.placeCamera(sensor.sensorId))} aria-label={t(sensor.calibration === null ? 'manage.placeNamed' : 'manage.placeAgainNamed', { name: sensor.name })}>{t(sensor.calibration === null ? 'manage.place' : 'manage.placeAgain')}</Button>
                  <Button size="compact-xs" variant="default" component="a" href={hrefOf(setupPaths.camera(sensor.sensorId))} aria-label={t('manage.editNamed', { name: sensor.name })}>{t('manage.edit')}</Button>
                  <Button size="compact-xs" variant="default" aria-label={t(sensor.enabled ? 'manage.turnOffNamed' : 'manage.turnOnNamed', { name: sensor.name })} onClick={() => void turn(sensor)}>{t(sensor.enabled ? 'manage.turnOff' : 'manage.turnOn')}</Button>
                  <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('manage.removeNamed', { name: sensor.name })} onClick={() => onRemove({ what: 'camera', sensor })}>{t('manage.remove')}</Button>
                </div></Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <h3>{t('manage.zones')}</h3>
      {zones.length === 0 ? <p className="setup-quiet">{t('manage.noZones')}</p> : (
        <Table.ScrollContainer minWidth={560}>
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('manage.column.name')}</Table.Th><Table.Th scope="col">{t('manage.column.kind')}</Table.Th><Table.Th scope="col">{t('manage.column.area')}</Table.Th><Table.Th scope="col">{t('manage.column.limits')}</Table.Th><Table.Th scope="col">{t('manage.column.do')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{zones.map((zone) => (
              <Table.Tr key={zone.zoneId}>
                <Table.Th scope="row"><a href={hrefOf(setupPaths.zone(zone.zoneId))}>{zone.name}</a></Table.Th>
                <Table.Td>{t(`zone.kinds.${zone.kind}`)}</Table.Td>
                <Table.Td>{Math.abs(polygonAreaM2(zone.polygon)).toFixed(0)} m²</Table.Td>
                <Table.Td>{LIMIT_KEYS.map((key) => zone.limits[key]).join(' / ')}</Table.Td>
                <Table.Td><div className="setup-actions">
                  <Button size="compact-xs" variant="default" component="a" href={hrefOf(setupPaths.zone(zone.zoneId))} aria-label={t('manage.editNamed', { name: zone.name })}>{t('manage.edit')}</Button>
                  <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('manage.removeNamed', { name: zone.name })} onClick={() => onRemove({ what: 'zone', zone })}>{t('manage.remove')}</Button>
                </div></Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {lines.length > 0 && (
        <>
          <h3>{t('manage.lines')}</h3>
          <Table.ScrollContainer minWidth={480}>
            <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
              <Table.Thead><Table.Tr><Table.Th scope="col">{t('manage.column.name')}</Table.Th><Table.Th scope="col">{t('line.width')}</Table.Th><Table.Th scope="col">{t('line.surface')}</Table.Th><Table.Th scope="col">{t('manage.column.do')}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>{lines.map((line) => (
                <Table.Tr key={line.lineId}>
                  <Table.Th scope="row"><a href={hrefOf(setupPaths.line(line.lineId))}>{line.name}</a></Table.Th>
                  <Table.Td>{Math.hypot(line.b.xM - line.a.xM, line.b.yM - line.a.yM).toFixed(1)} m</Table.Td>
                  <Table.Td>{t(`line.surfaces.${line.surface}`)}</Table.Td>
                  <Table.Td><div className="setup-actions">
                    <Button size="compact-xs" variant="default" component="a" href={hrefOf(setupPaths.line(line.lineId))} aria-label={t('manage.editNamed', { name: line.name })}>{t('manage.edit')}</Button>
                    <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('manage.removeNamed', { name: line.name })} onClick={() => onRemove({ what: 'line', line })}>{t('manage.remove')}</Button>
                  </div></Table.Td>
                </Table.Tr>
              ))}</Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
    </section>
  );
}
