// A boundary file: looked at first, every finding told one by one with its place on the map, and only then taken as a whole or not at all.
import { Button, Checkbox, FileInput, Group, Radio, Table } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UnitImportAnswer } from '../../../contract/apiIncidents.ts';
import type { Actor } from '../../../contract/incident.ts';
import type { UnitFault, UnitLevel } from '../../../contract/unit.ts';
import { faultWords } from '../../../crowd/units/faultWords.ts';
import { topUnits } from '../../incidents/unitTree.ts';
import { useUnits } from '../../incidents/useUnits.ts';
import { useWho } from '../../parts/whoAmI.ts';
import { hrefOf, setupPaths } from '../../route.ts';
import type { Trouble } from '../api.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';
import { MovesList } from './MovesList.tsx';
import { IMPORT_MOST_BYTES, orgApi, type Box } from './orgApi.ts';
import { UnitMap, type MapHandle } from './UnitMap.tsx';
import { OrgCrumb } from './UnitFrame.tsx';

const ROWS_MOST = 500;
const NEAR_DEGREES = 0.01;

export function ImportPage() {
  const { t } = useTranslation('org');
  const language = useLanguage();
  const { tree } = useUnits();
  const [file, setFile] = useState<File | null>(null), [crs, setCrs] = useState<'wgs84' | 'gcj02'>('wgs84');
  const [busy, setBusy] = useState<'check' | 'take' | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null);
  const [answer, setAnswer] = useState<UnitImportAnswer | null>(null), [shown, setShown] = useState<number | null>(null), [isRefusingOnly, setIsRefusingOnly] = useState(false);
  const [level, setLevel] = useState<UnitLevel>('township');
  const map = useRef<MapHandle | null>(null), mapPlace = useRef<HTMLDivElement>(null);
  const who = useWho();
  const by: Actor = who ?? { memberId: null, name: t('unit.administrator'), duty: 'operator', unitId: null };
  const isTooLarge = file !== null && file.size > IMPORT_MOST_BYTES;
  const choose = (next: File | null) => { setFile(next); setAnswer(null); setTrouble(null); setShown(null); };
  const run = async (mode: 'check' | 'take', allowWarnings: boolean) => {
    if (file === null || isTooLarge) return;
    setBusy(mode);
    setTrouble(null);
    const got = await orgApi.importUnits(file, { mode, allowWarnings, crs, by });
    setBusy(null);
    if (got.ok) { setAnswer(got.value); setShown(null); } else setTrouble(got.trouble);
  };
  const show = (number: number, { at }: UnitFault) => {
    if (at === null) return;
    setShown(number);
    map.current?.fly({ west: at.lng - NEAR_DEGREES, east: at.lng + NEAR_DEGREES, south: at.lat - NEAR_DEGREES, north: at.lat + NEAR_DEGREES });
    mapPlace.current?.scrollIntoView({ block: 'nearest' });
  };
  const faults = answer?.faults.map((fault, index) => ({ fault, number: index + 1 })) ?? [], listed = faults.filter(({ fault }) => !isRefusingOnly || fault.weight === 'refuses').slice(0, ROWS_MOST);
  const refusing = faults.filter(({ fault }) => fault.weight === 'refuses').length, warning = faults.length - refusing;
  const focus: Box | null = topUnits(tree).length === 0 ? null : { west: Math.min(...topUnits(tree).map(({ bounds }) => bounds.southWest.lng)), south: Math.min(...topUnits(tree).map(({ bounds }) => bounds.southWest.lat)), east: Math.max(...topUnits(tree).map(({ bounds }) => bounds.northEast.lng)), north: Math.max(...topUnits(tree).map(({ bounds }) => bounds.northEast.lat)) };

  return (
    <div className="setup-sheet org-sheet">
      <OrgCrumb />
      <h1>{t('import.title')}</h1>
      <div className="setup-panel org-rules">
        <FileInput label={t('import.file')} description={t('import.fileHint')} placeholder={t('import.another')} accept=".geojson,.json,application/geo+json,application/json" value={file} onChange={choose} clearable clearButtonProps={{ 'aria-label': t('import.another') }} error={isTooLarge ? t('import.tooLarge') : undefined} />
        <Radio.Group label={t('import.coordinates')} value={crs} onChange={(value) => { setCrs(value as 'wgs84'); setAnswer(null); }}><div className="setup-kinds"><Radio size="xs" value="wgs84" label={t('import.wgs84')} /><Radio size="xs" value="gcj02" label={t('import.gcj02')} /></div></Radio.Group>
        <div><Button disabled={file === null || isTooLarge} loading={busy === 'check'} onClick={() => void run('check', false)}>{t('import.check')}</Button> <span className="setup-quiet" role="status">{busy === 'check' ? t('import.checking') : busy === 'take' ? t('import.taking') : ''}</span></div>
      </div>
      {trouble !== null && <TroubleBox trouble={trouble} onClose={() => setTrouble(null)} />}
      {answer !== null && (
        <section className="setup-panel setup-site-block" aria-labelledby="org-found" data-taken={answer.taken} data-faults={answer.faultsTotal}>
          <h2 id="org-found">{t('import.faults')}</h2>
          <p>{t('import.found', { features: answer.features, units: answer.units })} {answer.faultsTotal === 0 ? t('import.clean') : <>{refusing > 0 && <>{t('import.refusesCount', { count: refusing })} </>}{warning > 0 && t('import.warnsCount', { count: warning })}</>}</p>
          {answer.taken ? <div role="status"><p><strong>{t('import.done', { added: answer.added, changed: answer.changed })}</strong></p>{answer.moves.length > 0 && <><p>{t('unit.moved')}</p><MovesList moves={answer.moves} /></>}<Button component="a" href={hrefOf(setupPaths.units())}>{t('import.toUnits')}</Button></div>
            : <Group gap="sm" my={6}><span className="setup-quiet">{t('import.nothingYet')}</span>
              {refusing === 0 && <Button loading={busy === 'take'} onClick={() => void run('take', warning > 0)}>{t(warning > 0 ? 'import.takeAll' : 'import.take')}</Button>}
              {refusing > 0 && warning > 0 && <Checkbox size="xs" label={t('import.onlyRefusing')} checked={isRefusingOnly} onChange={(event) => setIsRefusingOnly(event.currentTarget.checked)} />}</Group>}
          {faults.length > 0 && <>
            <div className="org-import-views">
              <div className="org-faults" tabIndex={0} role="group" aria-label={t('import.column.what')}>
                <Table className="setup-table lines" verticalSpacing={3} horizontalSpacing={8}>
                  <Table.Thead><Table.Tr>{(['number', 'unit', 'what', 'weight', 'where'] as const).map((key) => <Table.Th key={key} scope="col">{t(`import.column.${key}`)}</Table.Th>)}</Table.Tr></Table.Thead>
                  <Table.Tbody>{listed.map(({ fault, number }) => (
                    <Table.Tr key={number} data-chosen={shown === number || undefined} data-fault={fault.fault}>
                      <Table.Th scope="row">{number}</Table.Th><Table.Td>{fault.name} <span className="setup-quiet">{fault.code}</span></Table.Td><Table.Td>{faultWords(fault, language)}</Table.Td>
                      <Table.Td>{fault.weight === 'refuses' ? <strong>{t('import.refuses')}</strong> : t('import.warns')}</Table.Td>
                      <Table.Td>{fault.at === null ? t('import.noPlace') : <Button size="compact-xs" variant="default" aria-label={t('import.showNamed', { what: faultWords(fault, language) })} onClick={() => show(number, fault)}>{t('import.show')}</Button>}</Table.Td>
                    </Table.Tr>
                  ))}</Table.Tbody>
                </Table>
                {(answer.faultsTotal > faults.length || listed.length === ROWS_MOST) && <p className="setup-quiet">{t('import.shown', { shown: listed.length, total: answer.faultsTotal })}</p>}
              </div>
              <div ref={mapPlace}>
                <UnitMap label={t('units.map')} focus={focusOf(answer.faults) ?? focus} focusKey={`${file?.name ?? ''} ${answer.faultsTotal}`} level={level} onLevel={setLevel} chosenUnitId={null} handle={map}>{(view) => (
                  <>{listed.map(({ fault, number }) => {
                    if (fault.at === null) return null;
                    const { x, y } = view.px(fault.at);
                    if (x < -20 || y < -20 || x > view.widthPx + 20 || y > view.heightPx + 20) return null;
                    return <g key={number} className={shown === number ? 'org-fault chosen' : 'org-fault'} transform={`translate(${x} ${y})`} aria-label={t('import.mark', { number })} role="img"><circle r={shown === number ? 9 : 6} /><text y={4} textAnchor="middle">{shown === number ? number : ''}</text></g>;
                  })}</>
                )}</UnitMap>
                <p className="setup-quiet">{t('import.beforeMap')}</p>
              </div>
            </div>
          </>}
        </section>
      )}
    </div>
  );
}

function focusOf(faults: readonly UnitFault[]): Box | null {
  const places = faults.flatMap(({ at }) => (at === null ? [] : [at])).slice(0, 2000);
  if (places.length === 0) return null;
  return { west: Math.min(...places.map(({ lng }) => lng)), south: Math.min(...places.map(({ lat }) => lat)), east: Math.max(...places.map(({ lng }) => lng)), north: Math.max(...places.map(({ lat }) => lat)) };
}
