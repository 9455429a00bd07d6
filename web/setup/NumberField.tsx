// A number that is typed: what is half typed stays as it is, what is no number or out of bounds is said beside the field and not taken.
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

export function NumberField({ value, onChange, onSettle, least, most, digits = 2, label, isLabelHidden, description, unit, name, required = true, disabled }: {
  value: number | null;
  /** Null only when the field is not required and left empty. */
  onChange: (value: number | null) => void;
  onSettle?: () => void;
  least?: number;
  most?: number;
  digits?: number;
  label: string;
  /** In a table the column says it. */
  isLabelHidden?: boolean;
  description?: string;
  unit?: string;
  name?: string;
  required?: boolean;
  disabled?: boolean;
}) {
  const { t } = useTranslation('setup');
  const [typed, setTyped] = useState<string | null>(null);
  const shown = value === null ? '' : String(Number(value.toFixed(digits)));
  const fault = typed === null ? null : faultOf(typed, { required, least, most });
  // A value that changes from outside (a drag) wins over what was half typed.
  const [lastValue, setLastValue] = useState(value);
  if (value !== lastValue) {
    setLastValue(value);
    const read = typed === null ? null : readNumber(typed);
    if (read !== null && value !== null && Math.abs(read - value) > 10 ** -digits) setTyped(null);
  }
  return (
    <TextInput label={isLabelHidden === true ? undefined : label} aria-label={isLabelHidden === true ? label : undefined} description={description} name={name} disabled={disabled} inputMode="decimal" autoComplete="off" size={isLabelHidden === true ? 'xs' : 'sm'}
      rightSection={unit === undefined ? undefined : <span className="setup-unit">{unit}</span>} rightSectionWidth={unit === undefined ? undefined : 12 + unit.length * 8} rightSectionPointerEvents="none"
      value={typed ?? shown} error={fault === null ? undefined : isLabelHidden === true ? true : t(`form.fault.${fault.code}`, fault.values)} title={fault === null ? undefined : t(`form.fault.${fault.code}`, fault.values)}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        if (faultOf(text, { required, least, most }) === null) onChange(text.trim() === '' ? null : readNumber(text));
      }}
      onBlur={() => { if (fault === null) setTyped(null); onSettle?.(); }} />
  );
}

export const readNumber = (text: string): number | null => { const read = Number(text.trim().replace(',', '.').replace('−', '-')); return text.trim() === '' || !Number.isFinite(read) ? null : read; };

function faultOf(text: string, { required, least, most }: { required: boolean; least: number | undefined; most: number | undefined }): { code: 'required' | 'notANumber' | 'tooSmall' | 'tooLarge'; values: Record<string, number> } | null {
  if (text.trim() === '') return required ? { code: 'required', values: {} } : null;
  const read = readNumber(text);
  if (read === null) return { code: 'notANumber', values: {} };
  if (least !== undefined && read < least) return { code: 'tooSmall', values: { least } };
  if (most !== undefined && read > most) return { code: 'tooLarge', values: { most } };
  return null;
}
