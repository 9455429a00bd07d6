// Changing one's password: what it was, what it becomes. The rules are said before, the refusal after.
import { PasswordInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { PASSWORD_LEAST } from '../../contract/account.ts';
import { useMe } from '../parts/me.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { accountApi, type Trouble } from './accountApi.ts';

export function PasswordForm({ onChanged }: { onChanged?: () => void }) {
  const { t } = useTranslation('account');
  const me = useMe();
  const [now, setNow] = useState(''), [next, setNext] = useState(''), [sending, setSending] = useState(false), [done, setDone] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || now === '' || next === '') return;
    setSending(true); setTrouble(null); setDone(false);
    const answer = await accountApi.changePassword(now, next);
    setSending(false);
    if (!answer.ok) { setTrouble(answer.trouble); first.current?.focus(); return; }
    setNow(''); setNext(''); setDone(true);
    onChanged?.();
  };
  const toggle = { 'aria-label': t('signIn.show'), 'aria-hidden': false, tabIndex: 0 } as const;
  return (
    <form className="ac-form" onSubmit={(event) => void send(event)}>
      {/* For the browser's own keeper of passwords. */}
      <input type="text" hidden readOnly autoComplete="username" value={me?.account.signInName ?? ''} />
      <PasswordInput ref={first} label={t('password.now')} value={now} maxLength={1000} onChange={(event) => setNow(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={toggle} />
      <PasswordInput label={t('password.next')} description={t('password.rules', { least: PASSWORD_LEAST })} value={next} maxLength={1000} onChange={(event) => setNext(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={toggle} />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {done && <p role="status">{t('password.done')}</p>}
      <div><button type="submit" className="action" disabled={sending || now === '' || next === ''}>{t('password.change')}</button></div>
    </form>
  );
}
