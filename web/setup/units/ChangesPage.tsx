// Every change of the units, newest first, with what moved to another unit by it.
import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFetched } from '../../incidents/useFetched.ts';
import { useUnits } from '../../incidents/useUnits.ts';
import { useScreen } from '../../live/LiveProvider.tsx';
import { clockWords } from '../../parts/format.ts';
import { TroubleBox } from '../TroubleBox.tsx';
import { MovesList } from './MovesList.tsx';
import { orgApi } from './orgApi.ts';
import { OrgCrumb } from './UnitFrame.tsx';

const CHANGES_MOST = 200;

export function ChangesPage() {
  const { t } = useTranslation('org'), { t: setup } = useTranslation('setup');
  const version = useScreen((screen) => screen.unitsVersion);
  const [changes, reload] = useFetched(`changes ${version}`, () => orgApi.changes(CHANGES_MOST));
  const { nameOf } = useUnits();
  return (
    <div className="setup-sheet org-sheet">
      <OrgCrumb />
      <h1>{t('changes.title')}</h1>
      {changes.state === 'loading' ? <p role="status">{setup('page.loading')}</p> : changes.state === 'broken' ? <TroubleBox trouble={changes.trouble} onTryAgain={reload} />
        : changes.value.changes.length === 0 ? <p>{t('changes.none')}</p> : (
          <Table className="setup-table lines" verticalSpacing={4} horizontalSpacing={8}>
            <Table.Thead><Table.Tr>{(['at', 'by', 'what', 'units', 'moves'] as const).map((key) => <Table.Th key={key} scope="col">{t(`changes.${key}`)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>{changes.value.changes.map((change) => (
              <Table.Tr key={change.changeId} data-change={change.what}>
                <Table.Th scope="row">{clockWords(change.atMs, 0)}</Table.Th><Table.Td>{change.by}</Table.Td><Table.Td>{t(`changes.whats.${change.what}`)}</Table.Td>
                <Table.Td>{change.unitCount === 1 ? nameOf(change.unitIds[0] ?? null) ?? t('changes.gone') : t('changes.count', { count: change.unitCount })}</Table.Td>
                <Table.Td>{change.moves.length === 0 ? <span className="setup-quiet">{t('changes.noMoves')}</span> : <MovesList moves={change.moves} />}</Table.Td>
              </Table.Tr>
            ))}</Table.Tbody>
          </Table>
        )}
    </div>
  );
}
