// One camera: name, on or off, its address (what is typed once is never shown again), its placing, and its end.
import { Button, Group, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import type { Sensor, SiteConfig } from '../../../contract/site.ts';
import { usePage } from '../../live/LiveProvider.tsx';
import { goTo, hrefOf, setupPaths } from '../../route.ts';
import { setupApi, type Trouble } from '../api.ts';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { SensorState } from '../manage/SensorState.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { AddressForm } from './AddressForm.tsx';
import { useAddress } from './useAddress.ts';

export function CameraPage({ config, sensor, kinds }: { config: SiteConfig; sensor: Sensor; kinds: Kinds }) {
  const { t } = useTranslation('setup'), { t: privacy } = useTranslation('privacy');
  const language = useLanguage();
  const { connection } = usePage();
  const [name, setName] = useState(sensor.name);
  const [enabled, setEnabled] = useState(sensor.enabled);
  const [changesAddress, setChangesAddress] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [asks, setAsks] = useState<'remove' | 'unplace' | null>(null);
  const kind = kinds.sensors.find((each) => each.kind === sensor.kind);
  const keptKeys = new Set(useAddressKeys(kinds, sensor.kind));
  const address = useAddress(kinds, sensor.kind, keptKeys);
  const isDirty = name !== sensor.name || enabled !== sensor.enabled || (changesAddress && address.isTouched);
  const { question, leave } = useUnsaved(isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify([sensor.name, sensor.enabled, sensor.addressShown]), isDirty, take: () => { setName(sensor.name); setEnabled(sensor.enabled); setChangesAddress(false); } });
  const nameFault = name.trim() === '' ? t('camera.nameMissing') : null;

  const save = async () => {
    if (nameFault !== null || (changesAddress && !address.check())) return;
    setIsSaving(true);
    const settings = changesAddress ? address.changedSettings() : {};
    const answer = await setupApi.changeSensor(sensor.sensorId, { name: name.trim(), enabled, ...(Object.keys(settings).length === 0 ? {} : { settings }) });
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { connection.refetch(); goTo(setupPaths.home()); });
  };

  return (
    <div className="setup-sheet">
      {question}
      <p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{t('manage.title')}</a> › {config.site.name}</p>
      <h1>{sensor.name}</h1>
      {meanwhile}
      <div className="setup-camera-page">
        <form className="setup-panel" onSubmit={(event) => { event.preventDefault(); void save(); }}>
          <TextInput label={t('camera.name')} withAsterisk maxLength={80} value={name} error={nameFault ?? undefined} onChange={(event) => setName(event.currentTarget.value)} />
          <Switch mt="md" label={t('camera.enabled')} description={t('camera.enabledMeans')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <dl className="setup-found"><dt>{t('camera.kind')}</dt><dd>{kind?.title[language] ?? sensor.kind}</dd><dt>{t('camera.address')}</dt><dd className="setup-address-shown">{sensor.addressShown}</dd></dl>
          {!changesAddress ? <Button size="compact-sm" variant="default" onClick={() => setChangesAddress(true)}>{t('camera.changeAddress')}</Button> : (
            <>
              <p className="setup-quiet">{t('camera.keptHint')}</p>
              <AddressForm fields={address.fields} answers={address.answers} faults={address.faults} kept={Object.fromEntries(address.fields.map((field) => [field.key, field.asks === 'secret' ? t('form.keptSecret') : t('form.asItIs')]))} removed={address.removed} onRemove={address.remove} test={address.test} onChange={address.change} onTest={() => void address.runTest()} canTest={Object.values(address.settings()).some((value) => typeof value === 'string' && value !== '')} />
            </>
          )}
          {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
          <Group className="setup-foot"><Button variant="default" component="a" href={hrefOf(setupPaths.home())}>{t('add.cancel')}</Button><span className="setup-quiet">{isDirty ? t('unsaved.mark') : ''}</span><Button type="submit" loading={isSaving} disabled={!isDirty}>{t('camera.save')}</Button></Group>
        </form>
        <aside className="setup-panel">
          <h2>{t('camera.state')}</h2>
          <SensorState sensor={sensor} isLong />
          <h2>{t('camera.placing')}</h2>
          <p>{sensor.calibration === null ? t('camera.notPlaced') : t('camera.placed', { points: sensor.calibration.points.length, heightM: sensor.calibration.heightM, degrees: Math.round(sensor.calibration.bearingDeg) })}</p>
          <Group gap="xs"><Button size="compact-sm" component="a" variant={sensor.calibration === null ? 'filled' : 'default'} href={hrefOf(setupPaths.placeCamera(sensor.sensorId))}>{t(sensor.calibration === null ? 'camera.place' : 'camera.placeAgain')}</Button>
            {sensor.calibration !== null && <Button size="compact-sm" variant="default" onClick={() => setAsks('unplace')}>{t('camera.unplace')}</Button>}</Group>
          <h2>{privacy('masks.link')}</h2>
          <p>{privacy('masks.count', { count: sensor.masks?.polygons.length ?? 0 })}</p>
          <Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.maskCamera(sensor.sensorId))}>{privacy('masks.open')}</Button>
          <h2>{t('camera.end')}</h2>
          <Button size="compact-sm" variant="default" className="setup-danger" onClick={() => setAsks('remove')}>{t('camera.remove')}</Button>
        </aside>
      </div>
      {asks === 'remove' && <ConfirmRemove title={t('remove.cameraTitle', { name: sensor.name })} typedName={null} remove={() => setupApi.removeSensor(sensor.sensorId)} onClose={() => setAsks(null)} onRemoved={() => leave(() => { connection.refetch(); goTo(setupPaths.home()); })}><p>{t('remove.cameraText')}</p></ConfirmRemove>}
      {asks === 'unplace' && <ConfirmRemove title={t('remove.placingTitle', { name: sensor.name })} typedName={null} remove={() => setupApi.placeSensor(sensor.sensorId, null)} onClose={() => setAsks(null)} onRemoved={() => { setAsks(null); connection.refetch(); }}><p>{t('remove.placingText')}</p></ConfirmRemove>}
    </div>
  );
}

function useAddressKeys(kinds: Kinds, kind: string): string[] {
  const schema = kinds.sensors.find((each) => each.kind === kind)?.settings as { properties?: Record<string, unknown> } | undefined;
  return Object.keys(schema?.properties ?? {});
}
