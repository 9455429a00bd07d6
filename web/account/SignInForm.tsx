// The door: name and password, then the second step where the account has one. Plain and large, because somebody in a hurry stands here.
import { PasswordInput, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '../../contract/account.ts';
import { signedIn } from '../parts/me.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { accountApi, type Trouble } from './accountApi.ts';
import { OtherWays } from './factors/OtherWays.tsx';
import { SecondStep } from './factors/SecondStep.tsx';

/** `name`: who was signed in here until now. `alone`: without the other ways in, where a page of its own asks. */
export function SignInForm({ name = '', password: givenPassword = '' }: { name?: string; password?: string }) {
  const { t } = useTranslation('account');
  const [signInName, setSignInName] = useState(name), [password, setPassword] = useState(givenPassword);
  const [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null), [kinds, setKinds] = useState<string[] | null>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || signInName.trim() === '' || password === '') return;
    setSending(true);
    setTrouble(null);
    const answer = await accountApi.signIn(signInName.trim(), password);
    setSending(false);
    if (!answer.ok) {
      setTrouble(answer.trouble);
      setPassword('');
      passwordField.current?.focus();
      return;
    }
    setPassword('');
    if ('next' in answer.value) setKinds(answer.value.kinds); else signedIn(answer.value as Me);
  };
  if (kinds !== null) return <SecondStep kinds={kinds} onBack={(why) => { setKinds(null); setTrouble(why); }} />;
  return (
    <><form className="ac-form" onSubmit={(event) => void enter(event)}>
      <TextInput size="md" label={t('signIn.name')} value={signInName} maxLength={100} onChange={(event) => setSignInName(event.currentTarget.value)} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus={name === ''} required withAsterisk={false} />
      <PasswordInput ref={passwordField} size="md" label={t('signIn.password')} value={password} maxLength={1000} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" autoFocus={name !== ''} required withAsterisk={false} visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), 'aria-hidden': false, tabIndex: 0 }} />
      {trouble !== null && <div role="alert"><TroubleBox trouble={trouble} /></div>}
      <button type="submit" className="action ac-enter" disabled={sending}>{sending ? t('signIn.sending') : t('signIn.enter')}</button>
    </form><OtherWays /></>
  );
}
