// Below the password at the door: a passkey instead of it, or another place where one signs in.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignInWays } from '../../../contract/apiFactors.ts';
import { signedIn } from '../../parts/me.ts';
import { useFormat } from '../../parts/useFormat.ts';
import { TroubleBox } from '../../setup/TroubleBox.tsx';
import type { Trouble } from '../accountApi.ts';
import { factorsApi, hasPasskeys, withPasskey, type BrowserFault } from './factorsApi.ts';

export function OtherWays() {
  const { t } = useTranslation('factors');
  const { language } = useFormat();
  const [ways, setWays] = useState<SignInWays | null>(null), [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null), [fault, setFault] = useState<BrowserFault | null>(null);
  useEffect(() => {
    let gone = false;
    void factorsApi.ways().then((answer) => { if (!gone && answer.ok) setWays(answer.value); });
    return () => { gone = true; };
  }, []);
  const passkeys = ways?.passkeys === true && hasPasskeys();
  if (ways === null || (!passkeys && ways.elsewhere === null)) return null;
  const withKey = async () => {
    setSending(true); setTrouble(null); setFault(null);
    const answer = await withPasskey(factorsApi.beginSignInPasskey, factorsApi.signInPasskey);
    setSending(false);
    if (answer.ok) signedIn(answer.value); else if ('fault' in answer) setFault(answer.fault); else setTrouble(answer.trouble);
  };
  const elsewhere = async () => {
    setSending(true); setTrouble(null); setFault(null);
    const answer = await factorsApi.beginElsewhere(language);
    // The button stays as it is until the other page has come.
    if (answer.ok) { keepPlace(); location.assign(answer.value.address); return; }
    setSending(false);
    setTrouble(answer.trouble);
  };
  return (
    <div className="ac-ways">
      <p className="quiet ac-or">{t('ways.or')}</p>
      {ways.elsewhere !== null && <button type="button" className="action quiet-action ac-enter" disabled={sending} onClick={() => void elsewhere()}>{t('ways.elsewhere', { name: ways.elsewhere.name })}</button>}
      {passkeys && <button type="button" className="action quiet-action ac-enter" disabled={sending} onClick={() => void withKey()}>{t('ways.passkey')}</button>}
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {fault !== null && <p role="alert" className="ac-fault">{t(`browser.${fault}`)}</p>}
    </div>
  );
}

/** Where in the page somebody was before being sent elsewhere; this tab alone knows it. */
const KEPT_AS = 'crowdlight.place';
function keepPlace(): void { try { sessionStorage.setItem(KEPT_AS, location.hash); } catch { /* then the map */ } }
export function takePlace(): string {
  try { const kept = sessionStorage.getItem(KEPT_AS) ?? ''; sessionStorage.removeItem(KEPT_AS); return /^#\/[\w/.-]*$/.test(kept) ? kept : ''; } catch { return ''; }
}
