// The tree of units: opened step by step, or searched by name and code. Of sixteen thousand grids only what is open is drawn.
import { TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Unit } from '../../../contract/unit.ts';
import { chainOf, topUnits, type UnitTree as Tree } from '../../incidents/unitTree.ts';
import { hrefOf, setupPaths } from '../../route.ts';
import { useLanguage } from '../useLanguage.ts';

const MATCHES_MOST = 100, CHILDREN_MOST = 300;

export function UnitTree({ tree, chosenUnitId }: { tree: Tree; chosenUnitId: string | null }) {
  const { t } = useTranslation('org');
  const [wanted, setWanted] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set()), [shut, setShut] = useState<ReadonlySet<string>>(new Set());
  const chosenChain = useMemo(() => new Set(chainOf(tree, chosenUnitId).map(({ unitId }) => unitId)), [tree, chosenUnitId]);
  const matches = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    if (text === '') return null;
    return tree.units.filter(({ names, code }) => names.en.toLowerCase().includes(text) || names.zh.includes(text) || code.toLowerCase().startsWith(text));
  }, [tree, wanted]);
  const tops = topUnits(tree);
  // The way to the chosen one is open, and so is a single top; what a person opened or shut wins.
  const isOpen = (unitId: string) => !shut.has(unitId) && (open.has(unitId) || chosenChain.has(unitId) || (tops.length === 1 && tops[0]!.unitId === unitId));
  const turn = (unitId: string) => {
    const wasOpen = isOpen(unitId), flip = (set: ReadonlySet<string>, isIn: boolean) => { const next = new Set(set); if (isIn) next.add(unitId); else next.delete(unitId); return next; };
    setOpen(flip(open, !wasOpen));
    setShut(flip(shut, wasOpen));
  };
  return (
    <nav className="org-tree" aria-label={t('units.tree')}>
      <TextInput size="xs" type="search" aria-label={t('units.search')} placeholder={t('units.search')} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
      {matches === null ? <Branch units={tops} tree={tree} chosenUnitId={chosenUnitId} isOpen={isOpen} turn={turn} />
        : matches.length === 0 ? <p className="setup-quiet" role="status">{t('units.noMatch')}</p> : (
          <><ul>{matches.slice(0, MATCHES_MOST).map((unit) => <li key={unit.unitId}><UnitLink unit={unit} isChosen={unit.unitId === chosenUnitId} /></li>)}</ul>{matches.length > MATCHES_MOST && <p className="setup-quiet">{t('units.moreMatches')}</p>}</>
        )}
    </nav>
  );
}

function Branch({ units, tree, chosenUnitId, isOpen, turn }: { units: readonly Unit[]; tree: Tree; chosenUnitId: string | null; isOpen: (unitId: string) => boolean; turn: (unitId: string) => void }) {
  const { t } = useTranslation('org');
  const language = useLanguage();
  return (
    <ul>
      {units.slice(0, CHILDREN_MOST).map((unit) => {
        const below = tree.childrenOf.get(unit.unitId) ?? [], opened = below.length > 0 && isOpen(unit.unitId);
        return (
          <li key={unit.unitId}>
            {below.length === 0 ? <span className="org-no-turn" /> : <button type="button" className="org-turn" aria-expanded={opened} aria-label={t(opened ? 'units.shut' : 'units.open', { name: unit.names[language] })} onClick={() => turn(unit.unitId)}>{opened ? '▾' : '▸'}</button>}
            <UnitLink unit={unit} isChosen={unit.unitId === chosenUnitId} />
            {opened && <Branch units={below} tree={tree} chosenUnitId={chosenUnitId} isOpen={isOpen} turn={turn} />}
          </li>
        );
      })}
      {units.length > CHILDREN_MOST && <li className="setup-quiet">{t('units.moreChildren', { count: units.length - CHILDREN_MOST })}</li>}
    </ul>
  );
}

function UnitLink({ unit, isChosen }: { unit: Unit; isChosen: boolean }) {
  const { t } = useTranslation('org'), { t: said } = useTranslation('incidents');
  const language = useLanguage();
  return <a href={hrefOf(setupPaths.unit(unit.unitId))} aria-current={isChosen ? 'page' : undefined}>{unit.names[language]} <span className="setup-quiet">{said(`unitLevel.${unit.level}`)} {unit.code}</span>{unit.demo && <span className="setup-demo">{t('units.demo')}</span>}</a>;
}
