// All units: the tree, the map, and the one that is chosen or being drawn.
import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { UNIT_LEVELS, unitDepth, type Unit, type UnitLevel, type UnitShape } from '../../../contract/unit.ts';
import { topUnits } from '../../incidents/unitTree.ts';
import { useUnits } from '../../incidents/useUnits.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { goTo, hrefOf, setupPaths } from '../../route.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { orgApi, type Box } from './orgApi.ts';
import { UnitMap } from './UnitMap.tsx';
import { UnitPanel } from './UnitPanel.tsx';
import { OrgCrumb } from './UnitFrame.tsx';
import { UnitTree } from './UnitTree.tsx';

/** `adding`: a new unit is drawn, under this one (null: at the top). */
export function UnitsPage({ unitId, adding }: { unitId: string | null; adding: { parentId: string | null } | null }) {
  const { t } = useTranslation('org'), { t: setup } = useTranslation('setup');
  const { state, tree, trouble } = useUnits();
  const unit = unitId === null ? null : tree.byId.get(unitId) ?? null, parent = adding === null || adding.parentId === null ? null : tree.byId.get(adding.parentId) ?? null;
  const near = unit ?? parent;
  const natural: UnitLevel = near === null ? topUnits(tree)[0]?.level ?? 'city' : tree.childrenOf.get(near.unitId)?.[0]?.level ?? near.level;
  const [level, setLevel] = useState<{ of: string; level: UnitLevel } | null>(null);
  const levelKey = `${unitId} ${adding?.parentId}`, levelNow = level?.of === levelKey ? level.level : natural;
  const [shape, reload] = useFetched(unit === null ? null : `${unit.unitId} ${unit.version}`, () => orgApi.shape(unit!.unitId));
  // Names and outline of one version together; while a newer one is on its way the last stays, and with it what is being edited.
  const [held, setHeld] = useState<{ unit: Unit; shape: UnitShape } | null>(null);
  if (unit !== null && shape.state === 'there' && shape.value.unitId === unit.unitId && shape.value.version === unit.version && (held?.unit !== unit || held.shape !== shape.value.shape)) setHeld({ unit, shape: shape.value.shape });
  const onLevel = (next: UnitLevel) => setLevel({ of: levelKey, level: next });
  const focus: Box | null = near !== null ? { west: near.bounds.southWest.lng, south: near.bounds.southWest.lat, east: near.bounds.northEast.lng, north: near.bounds.northEast.lat } : boxOfAll(topUnits(tree).map(({ bounds }) => bounds));

  if (state !== 'there') return <div className="setup-sheet"><OrgCrumb />{state === 'broken' && trouble !== null ? <TroubleBox trouble={trouble} /> : <p role="status">{setup('page.loading')}</p>}</div>;
  const isGone = (unitId !== null && unit === null) || (adding !== null && adding.parentId !== null && parent === null);
  return (
    <div className="setup-sheet org-sheet org-wide">
      <OrgCrumb />
      <Group justify="space-between" align="center"><h1>{t('units.title')}</h1>
        <Group gap="xs"><Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.unitChanges())}>{t('units.changes')}</Button><Button size="compact-sm" variant="default" component="a" href={hrefOf(setupPaths.importUnits())}>{t('units.importFile')}</Button><Button size="compact-sm" component="a" href={hrefOf(setupPaths.addUnit())}>{t('units.addTop')}</Button></Group>
      </Group>
      {tree.units.length === 0 && adding === null && <p className="setup-first">{t('units.none')}</p>}
      <div className="org-units">
        {tree.units.length > 0 && <UnitTree tree={tree} chosenUnitId={unitId ?? adding?.parentId ?? null} />}
        {isGone ? <div><h2>{setup('page.notThere')}</h2><p>{setup('page.notThereText')}</p></div>
          : adding !== null ? <UnitPanel key={`new ${adding.parentId}`} unit={null} shape={[]} start={{ level: below(parent?.level ?? null), parentId: adding.parentId }} focus={focus} level={levelNow} onLevel={onLevel} />
          : unit !== null ? (held?.unit.unitId === unit.unitId ? <UnitPanel key={unit.unitId} unit={held.unit} shape={held.shape} start={{ level: unit.level, parentId: unit.parentId }} focus={focus} level={levelNow} onLevel={onLevel} /> : shape.state === 'broken' ? <TroubleBox trouble={shape.trouble} onTryAgain={reload} /> : <p role="status">{setup('page.loading')}</p>)
          : <div><p className="setup-quiet">{tree.units.length === 0 ? '' : t('units.choose')}</p><UnitMap label={t('units.map')} focus={focus} focusKey={`all ${tree.units.length === 0}`} level={levelNow} onLevel={onLevel} chosenUnitId={null} onChoose={(next) => goTo(setupPaths.unit(next))} /></div>}
      </div>
    </div>
  );
}

const below = (level: UnitLevel | null): UnitLevel => (level === null ? 'city' : UNIT_LEVELS[Math.min(unitDepth(level) + 1, UNIT_LEVELS.length - 1)]!);

function boxOfAll(bounds: readonly { southWest: { lng: number; lat: number }; northEast: { lng: number; lat: number } }[]): Box | null {
  if (bounds.length === 0) return null;
  return { west: Math.min(...bounds.map(({ southWest }) => southWest.lng)), south: Math.min(...bounds.map(({ southWest }) => southWest.lat)), east: Math.max(...bounds.map(({ northEast }) => northEast.lng)), north: Math.max(...bounds.map(({ northEast }) => northEast.lat)) };
}
