// One unit of the tree, found by typing a part of its name or code; of sixteen thousand the first sixty that fit are shown.
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { unitDepth } from '../../contract/unit.ts';
import { useFormat } from '../parts/useFormat.ts';
import { chainOf } from './unitTree.ts';
import { useUnits } from './useUnits.ts';

export function UnitSelect({ label, value, onChange, emptyWord, autoFocus = false, only, className, hideLabel = false }: {
  label: string; value: string | null; onChange: (unitId: string | null) => void;
  /** What no unit means here. */
  emptyWord: string;
  autoFocus?: boolean; only?: (unitId: string) => boolean; className?: string; hideLabel?: boolean;
}) {
  const { t } = useTranslation('incidents');
  const { language } = useFormat();
  const { tree } = useUnits();
  const data = useMemo(() => [...tree.units].filter(({ unitId }) => only === undefined || only(unitId)).toSorted((a, b) => unitDepth(a.level) - unitDepth(b.level) || a.code.localeCompare(b.code)).map((unit) => {
    const above = chainOf(tree, unit.parentId)[0];
    return { value: unit.unitId, label: `${unit.names[language]} (${unit.code}) · ${t(`unitLevel.${unit.level}`)}${above === undefined ? '' : `, ${above.names[language]}`}` };
  }), [tree, language, t, only]);
  return (
    <Select {...(hideLabel ? { 'aria-label': label } : { label })} className={className} size="xs" searchable clearable limit={60} placeholder={emptyWord} data={data} value={value !== null && tree.byId.has(value) ? value : null} onChange={(next) => onChange(next)} {...(autoFocus ? { 'data-autofocus': true } : {})}
      clearButtonProps={{ 'aria-label': `${label}: ${emptyWord}`, tabIndex: -1 }} nothingFoundMessage="–" openOnFocus={false} comboboxProps={{ transitionProps: { duration: 0 }, withinPortal: false }} />
  );
}
