// A site: its name, where its south-west corner lies, how large it is and how fine its cells are; shown on the map as it is entered.
import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CELL_SIZES_M } from '../../../contract/geometry.ts';
import type { SiteConfig } from '../../../contract/site.ts';
import { lngLatOf, sitePointOf } from '../../../crowd/place.ts';
import { setupApi, type Trouble } from '../api.ts';
import { firstInvalid } from '../firstInvalid.ts';
import { boxCorners, pathOf, siteBox, SiteMap } from '../map/SiteMap.tsx';
import { NumberField } from '../NumberField.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { useDraft } from '../useDraft.ts';
import { useMeanwhile } from '../useMeanwhile.tsx';
import { useUnsaved } from '../useUnsaved.tsx';
import { bodyOfSite, cellsOf, draftOfSite, roundedLngLat, SIDE_MOST_M, tooManyCells, type SiteDraft } from './siteDraft.ts';

export function SiteForm({ config, sites, onSaved, back, saveWord }: {
  /** Null: a new one. */
  config: SiteConfig | null;
  sites: readonly SiteConfig[];
  onSaved: (config: SiteConfig) => void;
  back?: { word: string; go: () => void };
  saveWord: string;
}) {
  const { t } = useTranslation('setup');
  const others = sites.filter(({ site }) => site.siteId !== config?.site.siteId).map(({ site }) => site);
  const draft = useDraft<SiteDraft>(draftOfSite(config?.site ?? null, others));
  const { now, change, settle } = draft;
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  const [fitTurn, setFitTurn] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const { question, leave } = useUnsaved(draft.isDirty);
  const meanwhile = useMeanwhile({ theirs: JSON.stringify(config?.site ?? null), isDirty: draft.isDirty, take: () => draft.startOver(draftOfSite(config?.site ?? null, others)) });
  const body = bodyOfSite(now), tooMany = tooManyCells(now);
  const nameFault = now.name.trim() === '' ? t('site.nameMissing') : null;
  const isPlaced = config !== null && (config.zones.length > 0 || config.sensors.length > 0);

  const save = async () => {
    setWasAsked(true);
    if (nameFault !== null || tooMany !== null || firstInvalid(form.current)) return;
    setIsSaving(true);
    const answer = config === null ? await setupApi.addSite(body) : await setupApi.changeSite(config.site.siteId, body);
    setIsSaving(false);
    if (!answer.ok) { setTrouble(answer.trouble); return; }
    setTrouble(null);
    leave(() => { draft.saved(); onSaved(answer.value); });
  };

  return (
    <form ref={form} className="setup-site" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      {question}{meanwhile}
      <div className="setup-site-views">
        <section className="setup-fields-wide">
          <TextInput label={t('site.name')} withAsterisk maxLength={80} placeholder={t('site.namePlaceholder')} value={now.name} error={wasAsked && nameFault !== null ? nameFault : undefined} onChange={(event) => { const name = event.currentTarget.value; change((from) => ({ ...from, name })); }} onBlur={settle} />
          <div className="setup-fields">
            <NumberField label={t('site.width')} unit="m" value={now.widthM} least={1} most={SIDE_MOST_M} digits={1} onSettle={() => { settle(); setFitTurn((turn) => turn + 1); }} onChange={(value) => change((from) => ({ ...from, widthM: value ?? from.widthM }))} />
            <NumberField label={t('site.depth')} unit="m" value={now.depthM} least={1} most={SIDE_MOST_M} digits={1} onSettle={() => { settle(); setFitTurn((turn) => turn + 1); }} onChange={(value) => change((from) => ({ ...from, depthM: value ?? from.depthM }))} />
          </div>
          <div>
            <div className="setup-label" id="setup-cell-label">{t('site.cell')}</div>
            <SegmentedControl aria-labelledby="setup-cell-label" value={String(now.cellM)} onChange={(value) => { change((from) => ({ ...from, cellM: Number(value) as 1 | 2 | 4 })); settle(); }} data={CELL_SIZES_M.map((cellM) => ({ value: String(cellM), label: `${cellM} m` }))} />
            <p className="setup-quiet">{t('site.cellHint', { cells: cellsOf(now).toLocaleString('en') })}</p>
            {tooMany !== null && <p className="setup-field-error" role="alert">{tooMany.cellM === null ? t('site.tooLarge', { cells: tooMany.cells.toLocaleString('en'), most: tooMany.most.toLocaleString('en') }) : t('site.tooFine', { cells: tooMany.cells.toLocaleString('en'), most: tooMany.most.toLocaleString('en'), cellM: tooMany.cellM })}</p>}
          </div>
          <div className="setup-fields">
            <NumberField label={t('site.lng')} unit="°" digits={7} value={now.origin.lng} least={-180} most={180} onSettle={settle} onChange={(value) => change((from) => ({ ...from, origin: { ...from.origin, lng: value ?? from.origin.lng } }))} />
            <NumberField label={t('site.lat')} unit="°" digits={7} value={now.origin.lat} least={-85} most={85} onSettle={settle} onChange={(value) => change((from) => ({ ...from, origin: { ...from.origin, lat: value ?? from.origin.lat } }))} />
          </div>
          <p className="setup-quiet">{t('site.placeHint')}{isPlaced && <> {t('site.movesAll')}</>}</p>
        </section>
        <section aria-label={t('site.map')}>
          <SiteMap origin={now.origin} grid={body.grid} focus={[...boxCorners(siteBox(body.grid))]} focusKey={String(fitTurn)} label={t('site.map')} isCrosshair
            onPress={(point) => { change((from) => ({ ...from, origin: roundedLngLat(lngLatOf(from.origin, point)) })); settle(); }}>
            {(view) => others.map((other) => {
              const at = sitePointOf(now.origin, other.origin), box = siteBox(other.grid);
              const corners = boxCorners(box).map(({ xM, yM }) => view.px({ xM: xM + at.xM, yM: yM + at.yM }));
              return <g key={other.siteId} className="setup-other" aria-hidden="true"><path className="setup-zone-other" d={pathOf(corners, true)} /><text x={corners[0]!.x + 4} y={corners[0]!.y - 5}>{other.name}</text></g>;
            })}
          </SiteMap>
          <p className="setup-quiet">{t('site.mapHint')}</p>
        </section>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onTryAgain={() => void save()} onClose={() => setTrouble(null)} />}
      <Group className="setup-foot">
        {back !== undefined && <Button variant="default" onClick={back.go}>{back.word}</Button>}
        <span className="setup-quiet">{draft.isDirty && config !== null ? t('unsaved.mark') : ''}</span>
        <Button type="submit" loading={isSaving}>{saveWord}</Button>
      </Group>
    </form>
  );
}
