// A span that is typed as people write it; what is no span is marked and not taken.
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useLanguage } from '../useLanguage.ts';
import { secondsOf, spanText } from './spanInput.ts';

export function SpanField({ label, isLabelHidden = false, description, value, least, most, placeholder, faultWord, mark = false, onChange }: {
  label: string; isLabelHidden?: boolean; description?: string;
  /** Seconds; null: left empty. */
  value: number | null;
  least: number; most: number; placeholder?: string; faultWord: string;
  /** Marked as wrong by somebody else. */
  mark?: boolean;
  onChange: (seconds: number | null) => void;
}) {
  const language = useLanguage();
  const [typed, setTyped] = useState<string | null>(null);
  const read = typed === null || typed.trim() === '' ? null : secondsOf(typed);
  const isWrong = typed !== null && typed.trim() !== '' && (read === null || read < least || read > most);
  const isMissing = typed !== null && typed.trim() === '' && placeholder === undefined;
  return (
    <TextInput {...(isLabelHidden ? { 'aria-label': label } : { label })} description={description} size={isLabelHidden ? 'xs' : 'sm'} autoComplete="off" placeholder={placeholder} className="org-span"
      value={typed ?? (value === null ? '' : spanText(value, language))} error={isWrong || isMissing ? (isLabelHidden ? true : faultWord) : mark ? true : undefined} title={isWrong || isMissing ? faultWord : undefined}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        if (text.trim() === '') { if (placeholder !== undefined) onChange(null); return; }
        const seconds = secondsOf(text);
        if (seconds !== null && seconds >= least && seconds <= most) onChange(seconds);
      }}
      onBlur={() => { if (!isWrong && !isMissing) setTyped(null); }} />
  );
}
