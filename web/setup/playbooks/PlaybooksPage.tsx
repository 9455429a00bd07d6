// The lists of actions of a site: which there are, and one of them being written.
import { Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Playbook } from '../../../contract/playbook.ts';
import type { SiteConfig } from '../../../contract/site.ts';
import { useFetched } from '../../incidents/useFetched.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { hrefOf, setupPaths } from '../../route.ts';
import { ConfirmRemove } from '../ConfirmRemove.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { orgApi } from '../units/orgApi.ts';
import { PlaybookForm } from './PlaybookForm.tsx';
import { useCategoryNames } from './useCategoryNames.ts';

export function PlaybooksPage({ config }: { config: SiteConfig }) {
  const { t } = useTranslation('org'), { t: setup } = useTranslation('setup'), { t: said } = useTranslation('incidents');
  const { site, zones } = config;
  const version = useScreen((screen) => screen.unitsVersion);
  const [lists, reload] = useFetched(`${site.siteId} ${version}`, () => orgApi.playbooks(site.siteId));
  const [shown, setShown] = useState<readonly Playbook[] | null>(null);
  const [editing, setEditing] = useState<Playbook | 'new' | null>(null), [removing, setRemoving] = useState<Playbook | null>(null);
  const unitId = useUnitOf(config);
  const categories = useCategoryNames(unitId), categoryName = (category: string) => categories.find((one) => one.category === category)?.name ?? category;
  if (lists.state === 'there' && lists.value.playbooks !== shown) setShown(lists.value.playbooks);
  const nameOf = (playbook: Playbook) => t('playbooks.nameOf', { zone: zones.find(({ zoneId }) => zoneId === playbook.zoneId)?.name ?? t('playbooks.wholeSite'), category: categoryName(playbook.category), severity: said(`severity.${playbook.severityLeast}`) });
  const done = () => { setEditing(null); setRemoving(null); reload(); };

  return (
    <div className="setup-sheet org-sheet">
      <p className="setup-crumb"><a href={hrefOf(setupPaths.home())}>{setup('manage.title')}</a></p>
      <Group justify="space-between" align="center"><h1>{t('playbooks.title', { site: site.name })}</h1>{editing === null && <Button onClick={() => setEditing('new')}>{t('playbooks.add')}</Button>}</Group>
      <p className="org-lead">{t('playbooks.lead')}</p>
      {editing !== null ? <PlaybookForm key={editing === 'new' ? 'new' : editing.playbookId} config={config} categories={categories} playbook={editing === 'new' ? null : editing} onSaved={done} onCancel={() => setEditing(null)} />
        : shown === null ? (lists.state === 'broken' ? <TroubleBox trouble={lists.trouble} onTryAgain={reload} /> : <p role="status">{setup('page.loading')}</p>)
        : shown.length === 0 ? <p>{t('playbooks.none')}</p> : (
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr><Table.Th scope="col">{t('playbooks.zone')}</Table.Th><Table.Th scope="col">{t('playbooks.category')}</Table.Th><Table.Th scope="col">{t('playbooks.severity')}</Table.Th><Table.Th scope="col">{t('playbooks.actions')}</Table.Th><Table.Th scope="col">{t('people.column.do')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>{shown.map((playbook) => (
              <Table.Tr key={playbook.playbookId} data-playbook={playbook.playbookId}>
                <Table.Th scope="row">{zones.find(({ zoneId }) => zoneId === playbook.zoneId)?.name ?? t('playbooks.wholeSite')}</Table.Th>
                <Table.Td>{categoryName(playbook.category)}</Table.Td><Table.Td>{said(`severity.${playbook.severityLeast}`)}</Table.Td><Table.Td>{t('playbooks.actionCount', { count: playbook.actions.length })}</Table.Td>
                <Table.Td><div className="setup-actions">
                  <Button size="compact-xs" variant="default" aria-label={t('playbooks.editNamed', { name: nameOf(playbook) })} onClick={() => setEditing(playbook)}>{t('playbooks.edit')}</Button>
                  <Button size="compact-xs" variant="default" className="setup-danger" aria-label={t('playbooks.removeNamed', { name: nameOf(playbook) })} onClick={() => setRemoving(playbook)}>{t('playbooks.remove')}</Button>
                </div></Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
        )}
      {removing !== null && <ConfirmRemove title={t('playbooks.removeTitle')} typedName={null} remove={() => orgApi.removePlaybook(removing.playbookId)} onClose={() => setRemoving(null)} onRemoved={done}><p>{nameOf(removing)}</p><p>{t('playbooks.removeText')}</p></ConfirmRemove>}
    </div>
  );
}

/** The unit in which the middle of the site lies: whose own categories may be chosen. */
function useUnitOf({ site }: SiteConfig): string | null {
  const [chain] = useFetched(site.siteId, () => orgApi.unitsOfSite(site.siteId));
  return chain.state === 'there' ? chain.value.chain[0]?.unitId ?? null : null;
}
