// What an invitation or a recovery link opens: one's name and a password of one's own, and then the page.
import { PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Me } from '../../contract/account.ts';
import { PASSWORD_LEAST } from '../../contract/account.ts';
import type { JoinSeen } from '../../contract/apiAccounts.ts';
import { signedIn } from '../parts/me.ts';
import { useFormat } from '../parts/useFormat.ts';
import { goTo, useRoute } from '../route.ts';
import { TroubleBox } from '../setup/TroubleBox.tsx';
import { chooseLanguage } from '../words/words.ts';
import { accountApi, type Trouble } from './accountApi.ts';
import { timeWords } from './timeWords.ts';

export default function JoinPage() {
  const { t } = useTranslation('account');
  const { language } = useFormat();
  const secret = useRoute().split('/')[2] ?? '';
  const [seen, setSeen] = useState<JoinSeen | null>(null), [trouble, setTrouble] = useState<Trouble | null>(null), [sending, setSending] = useState(false), [turn, setTurn] = useState(0);
  const [name, setName] = useState(''), [password, setPassword] = useState('');
  useEffect(() => {
    let gone = false;
    void accountApi.joinLook(secret).then((answer) => {
      if (gone) return;
      if (!answer.ok) { setTrouble(answer.trouble); return; }
      setTrouble(null); setSeen(answer.value); setName(answer.value.name);
      if (answer.value.kind === 'invitation') chooseLanguage(answer.value.language);
    });
    return () => { gone = true; };
  }, [secret, turn]);
  if (seen === null) return trouble === null ? <p role="status">{t('join.looking')}</p> : <TroubleBox trouble={trouble} onTryAgain={() => setTurn((now) => now + 1)} />;
  const isNew = seen.kind === 'invitation';
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || password === '') return;
    setSending(true);
    const answer = await accountApi.join({ secret, password, ...(isNew ? { name: name.trim(), language } : {}) });
    if (!answer.ok) { setSending(false); setTrouble(answer.trouble); return; }
    // The link is used up: it leaves the address and the history with it.
    const entered = await accountApi.signIn(answer.value.signInName, password);
    setSending(false); setPassword('');
    history.replaceState(null, '', '#/');
    if (entered.ok && !('next' in entered.value)) signedIn(entered.value as Me);
    goTo('/');
    dispatchEvent(new HashChangeEvent('hashchange'));
  };
  return (
    <form className="ac-form" onSubmit={(event) => void send(event)}>
      <p>{isNew ? t('join.invited', { by: seen.byName }) : t('join.recover', { by: seen.byName })} <span className="quiet">{t('join.until', { time: timeWords(seen.untilMs, language) })}</span></p>
      <TextInput size="md" label={t('signIn.name')} value={seen.signInName} readOnly autoComplete="username" />
      {isNew && <TextInput size="md" label={t('join.name')} value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} autoComplete="name" />}
      {isNew && <div className="ac-line"><span id="ac-join-language">{t('page.language')}</span> <SegmentedControl size="xs" aria-labelledby="ac-join-language" value={language} onChange={(value) => chooseLanguage(value as 'en' | 'zh')} data={[{ value: 'en', label: 'English' }, { value: 'zh', label: '中文' }]} /></div>}
      <PasswordInput size="md" label={t('password.next')} description={t('password.rules', { least: PASSWORD_LEAST })} value={password} maxLength={1000} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="new-password" autoFocus visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), 'aria-hidden': false, tabIndex: 0 }} />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      <button type="submit" className="action ac-enter" disabled={sending || password === '' || (isNew && name.trim() === '')}>{t('join.take')}</button>
    </form>
  );
}
