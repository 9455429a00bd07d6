// What is typed of a camera's address, its faults once somebody has tried to go on, and the test of it.
import { useMemo, useState } from 'react';
import type { Kinds } from '../../../contract/api.ts';
import { setupApi } from '../api.ts';
import { answersOfSettings, formFaults, formFields, settingsOfAnswers, type FormAnswers, type FormFault, type FormField, type FormValue } from '../form/formFields.ts';
import { useLanguage } from '../useLanguage.ts';
import type { TestState } from './AddressForm.tsx';

export type Address = {
  fields: FormField[]; answers: FormAnswers; faults: Record<string, FormFault>; test: TestState; isTouched: boolean;
  /** True when everything fits; else the faults are shown from now on. */
  check: () => boolean;
  change: (key: string, answer: string | boolean) => void;
  runTest: () => Promise<void>;
  /** Everything that is filled in. */
  settings: () => Record<string, FormValue>;
  /** Only what was typed since: what is on file stays. Null takes it away. */
  changedSettings: () => Record<string, FormValue | null>;
  removed: ReadonlySet<string>;
  remove: (key: string, isRemoved: boolean) => void;
};

/** Answers are kept for each kind, so that choosing another kind and coming back loses nothing. `kept`: keys that are on file. */
export function useAddress(kinds: Kinds, kind: string, kept?: ReadonlySet<string>): Address {
  const language = useLanguage();
  const fields = useMemo(() => formFields(kinds.sensors.find((each) => each.kind === kind)?.settings, language), [kinds, kind, language]);
  const [byKind, setByKind] = useState<Record<string, FormAnswers>>({});
  const [tests, setTests] = useState<Record<string, TestState>>({});
  const [wasAsked, setWasAsked] = useState(false);
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  // What is on file is not known here: an empty field leaves it as it is.
  const answers = byKind[kind] ?? (kept === undefined ? answersOfSettings(fields, {}) : {});
  const faults = formFaults(fields, answers, kept);
  const shownFaults = wasAsked ? faults : Object.fromEntries(Object.entries(faults).filter(([key, fault]) => fault.code !== 'required' && touched.has(`${kind}.${key}`)));
  const check = () => { setWasAsked(true); return Object.keys(faults).length === 0; };
  const settings = () => settingsOfAnswers(fields, answers);
  return {
    fields, answers, faults: shownFaults, test: tests[kind] ?? { state: 'none' }, isTouched: touched.size > 0 || removed.size > 0, check, settings,
    changedSettings: () => ({ ...Object.fromEntries(Object.entries(settings()).filter(([key]) => touched.has(`${kind}.${key}`))), ...Object.fromEntries([...removed].map((key) => [key, null])) }),
    removed,
    remove: (key, isRemoved) => {
      setByKind((now) => ({ ...now, [kind]: { ...answers, [key]: '' } }));
      setRemoved((now) => new Set(isRemoved ? [...now, key] : [...now].filter((each) => each !== key)));
    },
    change: (key, answer) => {
      setByKind((now) => ({ ...now, [kind]: { ...answers, [key]: answer } }));
      setTouched((now) => new Set(now).add(`${kind}.${key}`));
      // What was seen belongs to another address now.
      setTests((now) => ({ ...now, [kind]: { state: 'none' } }));
    },
    runTest: async () => {
      if (!check()) return;
      setTests((now) => ({ ...now, [kind]: { state: 'trying' } }));
      const answer = await setupApi.testSensor({ kind, settings: settings() });
      // An answer that comes after the address was changed belongs to nothing.
      setTests((now) => (now[kind]?.state !== 'trying' ? now : { ...now, [kind]: answer.ok ? { state: 'saw', answer: answer.value } : { state: 'failed', trouble: answer.trouble } }));
    },
  };
}
