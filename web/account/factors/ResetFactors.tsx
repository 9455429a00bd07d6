// An administrator takes the second factors of somebody who lost them all.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../../contract/account.ts';
import type { Trouble } from '../accountApi.ts';
import { factorsApi } from './factorsApi.ts';

export function ResetFactors({ account, onDone, onTrouble }: { account: Account; onDone: () => void; onTrouble: (trouble: Trouble | null) => void }) {
  const { t } = useTranslation('factors');
  const [asking, setAsking] = useState(false), [sending, setSending] = useState(false);
  const reset = async () => {
    setSending(true);
    const answer = await factorsApi.resetFactorsOf(account.accountId);
    setSending(false); setAsking(false);
    onTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) onDone();
  };
  if (!asking) return <button type="button" className="action quiet-action" onClick={() => setAsking(true)}>{t('reset.button')}</button>;
  return (
    <div className="ac-sure" role="alertdialog" aria-label={t('reset.button')}>
      <p>{t('reset.sure', { name: account.name })}</p>
      <div className="card-actions"><button type="button" className="action" disabled={sending} onClick={() => void reset()}>{t('reset.button')}</button><button type="button" className="action quiet-action" onClick={() => setAsking(false)}>{t('reset.keep')}</button></div>
    </div>
  );
}
