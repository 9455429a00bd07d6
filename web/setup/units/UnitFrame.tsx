// Around each page of a unit: where it lies in the tree, and its other pages.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Unit } from '../../../contract/unit.ts';
import { chainOf } from '../../incidents/unitTree.ts';
import { useUnits } from '../../incidents/useUnits.ts';
import { hrefOf, setupPaths } from '../../route.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { useLanguage } from '../useLanguage.ts';

type Tab = 'outline' | 'people' | 'policy';
const PATHS: Record<Tab, (unitId: string) => string> = { outline: setupPaths.unit, people: setupPaths.unitPeople, policy: setupPaths.unitPolicy };

/** Its children are drawn once the unit is known. */
export function UnitFrame({ unitId, tab, title, children }: { unitId: string; tab: Tab; title: (name: string) => string; children: (unit: Unit) => ReactNode }) {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  const { state, tree, trouble } = useUnits();
  const unit = tree.byId.get(unitId);
  if (unit === undefined) {
    return <div className="setup-sheet"><OrgCrumb />{state === 'broken' && trouble !== null ? <TroubleBox trouble={trouble} /> : state === 'there' ? <><h1>{t('page.notThere')}</h1><p>{t('page.notThereText')}</p></> : <p role="status">{t('page.loading')}</p>}</div>;
  }
  const above = chainOf(tree, unit.parentId).toReversed();
  return (
    <div className="setup-sheet org-sheet">
      <OrgCrumb>{above.map((each) => <span key={each.unitId}> › <a href={hrefOf(PATHS[tab](each.unitId))}>{each.names[language]}</a></span>)}</OrgCrumb>
      <h1>{title(unit.names[language])}</h1>
      <UnitTabs unitId={unitId} tab={tab} />
      {children(unit)}
    </div>
  );
}

export function OrgCrumb({ children }: { children?: ReactNode }) {
  const { t } = useTranslation('setup'), { t: org } = useTranslation('org');
  return <p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{t('manage.title')}</a> › <a href={hrefOf(setupPaths.units())}>{org('units.title')}</a>{children}</p>;
}

export function UnitTabs({ unitId, tab }: { unitId: string; tab: Tab }) {
  const { t } = useTranslation('org');
  return <nav className="org-tabs" aria-label={t('units.tabs.label')}>{(['outline', 'people', 'policy'] as const).map((each) => <a key={each} href={hrefOf(PATHS[each](unitId))} aria-current={each === tab ? 'page' : undefined}>{t(`units.tabs.${each}`)}</a>)}</nav>;
}
