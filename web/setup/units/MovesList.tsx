// What stands in another unit since a border moved, one line each.
import { useTranslation } from 'react-i18next';
import type { UnitMove } from '../../../contract/unit.ts';
import { useUnits } from '../../incidents/useUnits.ts';

const SHOWN = 50;

export function MovesList({ moves }: { moves: readonly UnitMove[] }) {
  const { t } = useTranslation('org');
  const { nameOf } = useUnits();
  const unitName = (unitId: string | null) => (unitId === null ? t('changes.nowhere') : nameOf(unitId) ?? t('changes.gone'));
  return (
    <ul className="org-moves">
      {moves.slice(0, SHOWN).map((move) => <li key={`${move.what} ${move.id}`}>{t(`changes.kinds.${move.what}`)}: {t('changes.move', { name: move.name, from: unitName(move.fromUnitId), to: unitName(move.toUnitId) })}</li>)}
      {moves.length > SHOWN && <li className="setup-quiet">{t('changes.moreMoves', { count: moves.length - SHOWN })}</li>}
    </ul>
  );
}
