// A form made from the schema of a kind's settings: adding a kind adds its form. What it asks and what is wrong is decided in formFields.ts.
import { NativeSelect, PasswordInput, Stack, Switch, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormAnswers, FormFault, FormField } from './formFields.ts';

export function SchemaForm({ fields, answers, faults, kept, removed, onRemove, onChange }: {
  fields: readonly FormField[];
  answers: FormAnswers;
  faults: Record<string, FormFault>;
  /** What is on file for fields that may be left empty, shown in their place; secrets are only said to be there. */
  kept?: Record<string, string>;
  /** Optional settings on file that are to be taken away on saving. */
  removed?: ReadonlySet<string>;
  onRemove?: (key: string, isRemoved: boolean) => void;
  onChange: (key: string, answer: string | boolean) => void;
}) {
  const { t } = useTranslation('setup');
  /** Whether something is on file is the server's secret, too: the offer stands at every optional one. */
  const removable = (field: FormField, input: ReactNode) => {
    const isRemoved = removed?.has(field.key) === true;
    return (
      <div key={field.key}>
        {input}
        {onRemove !== undefined && !field.required && <button type="button" className="plain setup-remove-stored" aria-pressed={isRemoved} aria-label={`${t(isRemoved ? 'form.keepStored' : 'form.remove')}: ${field.title}`} onClick={() => onRemove(field.key, !isRemoved)}>{t(isRemoved ? 'form.keepStored' : 'form.remove')}</button>}
      </div>
    );
  };
  return (
    <Stack gap="sm">
      {fields.map((field) => {
        const fault = faults[field.key];
        const says = fault === undefined ? undefined : `${field.title}: ${t(`form.fault.${fault.code}`, fault.values)}`;
        const label = field.unit === null ? field.title : `${field.title} (${field.unit})`;
        const common = {
          label, description: descriptionOf(field, t('form.defaultIs')), error: says, name: field.key, withAsterisk: field.required && kept?.[field.key] === undefined && field.defaultValue === null,
          placeholder: removed?.has(field.key) === true ? t('form.removed') : kept?.[field.key], disabled: removed?.has(field.key) === true,
        };
        const answer = answers[field.key];
        switch (field.asks) {
          case 'secret': return removable(field, <PasswordInput {...common} autoComplete="new-password" value={String(answer ?? '')} onChange={(event) => onChange(field.key, event.currentTarget.value)} visibilityToggleButtonProps={{ 'aria-label': t('form.showPassword'), tabIndex: 0 }} />);
          case 'text': return removable(field, <TextInput {...common} autoComplete="off" spellCheck={false} value={String(answer ?? '')} onChange={(event) => onChange(field.key, event.currentTarget.value)} />);
          case 'number': return removable(field, <TextInput {...common} inputMode="decimal" autoComplete="off" value={String(answer ?? '')} onChange={(event) => onChange(field.key, event.currentTarget.value)} />);
          case 'yesNo': if (kept?.[field.key] !== undefined) return (
            <NativeSelect key={field.key} {...common} value={answer === undefined ? '' : String(answer)} onChange={(event) => { const chosen = event.currentTarget.value; onChange(field.key, chosen === '' ? '' : chosen === 'true'); }}
              data={[{ value: '', label: kept[field.key]! }, { value: 'true', label: t('form.yes') }, { value: 'false', label: t('form.no') }]} />
          ); return <Switch key={field.key} label={label} description={common.description} error={says} checked={answer === true} onChange={(event) => onChange(field.key, event.currentTarget.checked)} />;
          case 'choice': return (
            <NativeSelect key={field.key} {...common} value={String(answer ?? '')} onChange={(event) => onChange(field.key, event.currentTarget.value)}
              data={[...(kept?.[field.key] !== undefined ? [{ value: '', label: kept[field.key]! }] : field.required || field.defaultValue !== null ? [] : [{ value: '', label: t('form.none') }]), ...field.choices.map((choice) => ({ value: String(choice.value), label: choice.title }))]} />
          );
        }
      })}
    </Stack>
  );
}

function descriptionOf(field: FormField, defaultIs: string): string | undefined {
  const shownDefault = field.defaultValue === null || field.defaultValue === '' || field.asks === 'yesNo' || field.asks === 'choice' ? null : `${defaultIs} ${field.defaultValue}${field.unit === null ? '' : ` ${field.unit}`}`;
  const parts = [field.description, shownDefault].filter((part): part is string => part !== null);
  return parts.length === 0 ? undefined : parts.join(' · ');
}
