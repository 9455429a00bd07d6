// The step at the door after a password that fitted, where the account has a second factor.
import { useTranslation } from 'react-i18next';
import { signedIn } from '../../parts/me.ts';
import type { Trouble } from '../accountApi.ts';
import { FactorForm } from './FactorForm.tsx';
import { factorsApi } from './factorsApi.ts';

/** `onBack`: to the password, with the reason where there is one. */
export function SecondStep({ kinds, onBack }: { kinds: readonly string[]; onBack: (trouble: Trouble | null) => void }) {
  const { t } = useTranslation('factors');
  return (
    <section aria-labelledby="ac-second-title">
      <h2 id="ac-second-title" className="ac-second">{t('step.title')}</h2>
      <FactorForm kinds={kinds} show={factorsApi.secondStep} beginPasskey={factorsApi.secondStepPasskey} onDone={signedIn} onOver={onBack} />
      <button type="button" className="plain ac-back" onClick={() => onBack(null)}>{t('step.back')}</button>
    </section>
  );
}
