// A new camera, step by step: where, which address, what it sees, where its picture lies on the ground, which zones. Back at each step, nothing lost.
import { Button, NativeSelect, Radio, Stepper, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import type { Sensor, SiteConfig, Zone } from '../../../contract/site.ts';
import { usePage } from '../../live/LiveProvider.tsx';
import { goTo, hrefOf, setupPaths } from '../../route.ts';
import { setupApi, type Trouble } from '../api.ts';
import { PlacingPanel } from '../place/PlacingPanel.tsx';
import { SiteForm } from '../sites/SiteForm.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { useUnsaved } from '../useUnsaved.tsx';
import { ZonePanel } from '../zones/ZonePanel.tsx';
import { AddressForm } from './AddressForm.tsx';
import { useAddress } from './useAddress.ts';

const STEPS = ['site', 'address', 'place', 'zones', 'done'] as const;
type Step = (typeof STEPS)[number];

export function AddCamera({ sites, kinds, siteId: siteWanted }: { sites: readonly SiteConfig[]; kinds: Kinds; siteId: string | null }) {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  const { connection } = usePage();
  const [made, setMade] = useState<SiteConfig | null>(null);
  const [siteId, setSiteId] = useState<string | null>(siteWanted ?? sites.find(({ site }) => !site.demo)?.site.siteId ?? null);
  const [makesSite, setMakesSite] = useState(siteWanted === null && sites.every(({ site }) => site.demo));
  const [step, setStep] = useState<Step>(siteWanted === null ? 'site' : 'address');
  const [name, setName] = useState('');
  const [kind, setKind] = useState(kinds.sensors.find((each) => each.kind === 'rtsp')?.kind ?? kinds.sensors[0]?.kind ?? '');
  const [sensor, setSensor] = useState<Sensor | null>(null);
  const [zones, setZones] = useState<Zone[]>([]);
  const [zoneTurn, setZoneTurn] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const head = useRef<HTMLHeadingElement>(null);
  const address = useAddress(kinds, kind);
  const config = sites.find(({ site }) => site.siteId === siteId) ?? (made?.site.siteId === siteId ? made : null);
  const { question, leave } = useUnsaved(sensor === null && (address.isTouched || name !== ''));
  const nameFault = name.trim() === '' ? t('camera.nameMissing') : null;
  const firstPicture = address.test.state === 'saw' ? address.test.answer.pictureJpegBase64 : null;
  const to = (next: Step) => { setTrouble(null); setStep(next); queueMicrotask(() => { head.current?.focus(); head.current?.scrollIntoView({ block: 'nearest' }); }); };

  const saveCamera = async () => {
    setWasAsked(true);
    if (config === null || !address.check() || nameFault !== null) return;
    setIsSaving(true);
    const answer = sensor === null
      ? await setupApi.addSensor(config.site.siteId, { name: name.trim(), kind, settings: address.settings() })
      // A field that was emptied on the way back is taken away, not left as it was.
      : await setupApi.changeSensor(sensor.sensorId, { name: name.trim(), settings: { ...Object.fromEntries(address.fields.map(({ key }) => [key, null])), ...address.settings() } });
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setSensor(answer.value);
    connection.refetch();
    to('place');
  };

  const at = STEPS.indexOf(step);
  return (
    <div className="setup-sheet">
      {step !== 'place' && step !== 'zones' && question}
      <p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{t('manage.title')}</a></p>
      <h1 tabIndex={-1} ref={head}>{t('add.title')}</h1>
      <Stepper active={at} size="xs" iconSize={26} allowNextStepsSelect={false} className="setup-stepper" aria-label={t('add.steps')}
        onStepClick={(index) => { const wanted = STEPS[index]; if (wanted !== undefined && index < at && !(sensor !== null && wanted === 'site')) to(wanted); }}>
        {STEPS.slice(0, 4).map((each) => <Stepper.Step key={each} label={t(`add.step.${each}`)} description={each === 'site' && config !== null && at > 0 ? config.site.name : each === 'address' && sensor !== null ? sensor.name : undefined} />)}
      </Stepper>

      {step === 'site' && (
        <section className="setup-step" aria-label={t('add.step.site')}>
          {sites.length > 0 && (
            <Radio.Group value={makesSite ? 'new' : 'there'} onChange={(value) => setMakesSite(value === 'new')} label={t('add.whichSite')} mb="md">
              <div className="setup-kinds"><Radio value="there" label={t('add.siteThere')} /><Radio value="new" label={t('add.siteNew')} /></div>
            </Radio.Group>
          )}
          {makesSite || sites.length === 0
            ? <SiteForm config={null} sites={sites} saveWord={t('add.makeSite')} onSaved={(saved) => { setMade(saved); setSiteId(saved.site.siteId); setMakesSite(false); connection.refetch(); to('address'); }} />
            : (
              <>
                <NativeSelect mt="sm" label={t('add.site')} value={siteId ?? ''} onChange={(event) => setSiteId(event.currentTarget.value)} data={[...(siteId === null ? [{ value: '', label: t('form.none') }] : []), ...sites.map(({ site }) => ({ value: site.siteId, label: site.demo ? `${site.name} (${t('manage.demo')})` : site.name }))]} />
                <div className="setup-foot"><Button variant="default" component="a" href={hrefOf(setupPaths.home())}>{t('add.cancel')}</Button><span /><Button disabled={config === null} onClick={() => to('address')}>{t('add.next')}</Button></div>
              </>
            )}
        </section>
      )}

      {step === 'address' && (
        <section className="setup-step" aria-label={t('add.step.address')}>
          <div className="setup-fields">
            <TextInput label={t('camera.name')} withAsterisk maxLength={80} placeholder={t('camera.namePlaceholder')} value={name} error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => setName(event.currentTarget.value)} />
            <NativeSelect label={t('camera.kind')} value={kind} disabled={sensor !== null} onChange={(event) => setKind(event.currentTarget.value)} data={kinds.sensors.map((each) => ({ value: each.kind, label: each.title[language] }))} />
          </div>
          <AddressForm fields={address.fields} answers={address.answers} faults={address.faults} test={address.test} onChange={address.change} onTest={() => void address.runTest()} canTest />
          {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void saveCamera()} onClose={() => setTrouble(null)} />}
          <div className="setup-foot">
            {sensor === null ? <Button variant="default" onClick={() => to('site')}>{t('add.back')}</Button> : <span />}
            <span className="setup-quiet">{address.test.state === 'saw' ? '' : t(address.test.state === 'failed' ? 'add.testFailed' : 'add.notTested')}</span>
            <Button loading={isSaving} variant={address.test.state === 'saw' ? 'filled' : 'default'} onClick={() => void saveCamera()}>{t(address.test.state === 'saw' ? 'add.saveCamera' : 'add.saveUntested')}</Button>
          </div>
        </section>
      )}

      {step === 'place' && config !== null && sensor !== null && (
        <section className="setup-step" aria-label={t('add.step.place')}>
          <PlacingPanel config={config} sensor={config.sensors.find((each) => each.sensorId === sensor.sensorId) ?? sensor} firstPicture={firstPicture} savedWord={t('add.savePlacing')} back={{ word: t('add.back'), go: () => to('address') }} onSaved={(saved) => { setSensor(saved); connection.refetch(); to('zones'); }} />
          <p className="setup-quiet">{t('add.placeLater')} <Button size="compact-xs" variant="subtle" onClick={() => leave(() => goTo(setupPaths.home()))}>{t('add.later')}</Button></p>
        </section>
      )}

      {step === 'zones' && config !== null && sensor !== null && (
        <section className="setup-step" aria-label={t('add.step.zones')}>
          {config.zones.length + zones.length > 0 && <p>{t('add.zonesThere', { names: [...new Set([...config.zones, ...zones].map((zone) => zone.name))].join(', ') })} <Button size="compact-sm" variant="default" onClick={() => to('done')}>{t('add.noMoreZones')}</Button></p>}
          <ZonePanel key={zoneTurn} config={{ ...config, sensors: [...config.sensors.filter((each) => each.sensorId !== sensor.sensorId), sensor], zones: [...config.zones, ...zones.filter((zone) => config.zones.every((each) => each.zoneId !== zone.zoneId))] }} zone={null} kinds={kinds} preferSensorId={sensor.sensorId} back={{ word: t('add.back'), go: () => to('place') }}
            onSaved={(zone) => { setZones((now) => [...now, zone]); setZoneTurn((turn) => turn + 1); connection.refetch(); to('done'); }} />
        </section>
      )}

      {step === 'done' && config !== null && sensor !== null && (
        <section className="setup-step setup-done" aria-label={t('add.step.done')}>
          <h2>{t('add.doneTitle', { name: sensor.name })}</h2>
          <p>{t('add.doneText', { site: config.site.name })}</p>
          <div className="setup-foot start">
            <Button component="a" href={hrefOf('/')}>{t('add.toMap')}</Button>
            <Button variant="default" onClick={() => to('zones')}>{t('add.anotherZone')}</Button>
            <Button variant="default" component="a" href={hrefOf(setupPaths.home())}>{t('add.toManage')}</Button>
          </div>
        </section>
      )}
    </div>
  );
}
