// Between the door and the page: whoever must add a second factor first, and whoever has no role at all.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '../../../contract/account.ts';
import { signOut } from '../../parts/me.ts';
import { ConfirmHost } from './ConfirmHost.tsx';
import { factorsApi } from './factorsApi.ts';
import { FactorsSection } from './FactorsSection.tsx';

export const mustAddFactor = (me: Me): boolean => me.mustDo.includes('secondFactor');
export const hasNoRole = (me: Me): boolean => me.rights.every(({ rights }) => rights.length === 0);

export function MustAddFactor() {
  const { t } = useTranslation('factors');
  return <><p>{t('must.lead')}</p><FactorsSection /><ConfirmHost /><p><button type="button" className="plain" onClick={() => void signOut()}>{t('must.signOut')}</button></p></>;
}

export function NoRoles({ me }: { me: Me }) {
  const { t } = useTranslation('factors');
  const isElsewhere = me.account.kind === 'oidc';
  const [leave, setLeave] = useState<string | null>(null);
  useEffect(() => { if (isElsewhere) void factorsApi.leaveElsewhere().then((answer) => { if (answer.ok) setLeave(answer.value.address); }); }, [isElsewhere]);
  return (
    <>
      <p>{t('noRoles.lead', { name: me.account.name })}</p><p>{t(isElsewhere ? 'noRoles.elsewhere' : 'noRoles.local')}</p>
      <div className="card-actions">
        <button type="button" className="action" onClick={() => void signOut()}>{t('noRoles.signOut')}</button>
        {leave !== null && <button type="button" className="action quiet-action" onClick={() => void leaveAll(leave)}>{t('noRoles.signOutThere')}</button>}
      </div>
    </>
  );
}

/** Here first: the page of the provider may never come back. */
async function leaveAll(address: string): Promise<void> {
  try { await fetch('/api/session', { method: 'DELETE', signal: AbortSignal.timeout(10_000) }); } catch { /* then there at least */ }
  location.assign(address);
}
