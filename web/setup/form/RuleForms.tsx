// How alarms are judged at one place: a form for each rule that watches such places, folded away until somebody asks or something in it is wrong.
import { useTranslation } from 'react-i18next';
import type { Kinds } from '../../../contract/api.ts';
import { useLanguage } from '../useLanguage.ts';
import { ALARMS_FORM, type RuleForm } from '../zones/zoneDraft.ts';
import type { FormAnswers, formFaults } from './formFields.ts';
import { SchemaForm } from './SchemaForm.tsx';

export function RuleForms({ kinds, forms, answers, faults, onChange }: {
  kinds: Kinds; forms: readonly RuleForm[];
  /** By rule. */
  answers: Record<string, FormAnswers>; faults: Record<string, ReturnType<typeof formFaults>>;
  onChange: (rule: string, key: string, answer: FormAnswers[string]) => void;
}) {
  const { t } = useTranslation('setup'), { t: tLoad } = useTranslation('load');
  const language = useLanguage();
  if (forms.length === 0) return null;
  return (
    <details className="setup-more" open={forms.some(({ rule }) => Object.keys(faults[rule] ?? {}).length > 0) || undefined}><summary>{t('zone.more')}</summary>
      {forms.map(({ rule, fields }) => (
        <fieldset key={rule} className="setup-rule"><legend>{rule === ALARMS_FORM ? tLoad('zoneForm.title') : kinds.rules.find((each) => each.rule === rule)?.title[language] ?? rule}</legend>
          <SchemaForm fields={fields} answers={answers[rule] ?? {}} faults={faults[rule] ?? {}} onChange={(key, answer) => onChange(rule, key, answer)} />
        </fieldset>
      ))}
    </details>
  );
}
