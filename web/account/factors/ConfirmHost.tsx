// Is it still you? A step that the server refuses until that is sure asks here, and goes on by itself afterwards. Stands once in the page.
import './factors.css';
import { Modal, PasswordInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { setConfirmer } from '../../parts/askServer.ts';
import { useMe } from '../../parts/me.ts';
import { TroubleBox } from '../../setup/TroubleBox.tsx';
import type { Trouble } from '../accountApi.ts';
import { FactorForm } from './FactorForm.tsx';
import { factorsApi } from './factorsApi.ts';

export function ConfirmHost() {
  const { t } = useTranslation('factors');
  const me = useMe();
  const [asking, setAsking] = useState<{ kinds: readonly string[]; end: (confirmed: boolean) => void } | null>(null);
  useEffect(() => setConfirmer(async () => {
    const answer = await factorsApi.confirmKinds();
    if (!answer.ok) return false;
    if (answer.value.confirmedUntilMs !== null) return true;
    return await new Promise<boolean>((resolve) => { setAsking((before) => { before?.end(false); return { kinds: answer.value.kinds, end: resolve }; }); });
  }), []);
  if (asking === null || me === null) return null;
  const end = (confirmed: boolean) => { setAsking(null); asking.end(confirmed); };
  return (
    <Modal.Root opened onClose={() => end(false)} size="sm" zIndex={900}><Modal.Overlay /><Modal.Content data-confirm><Modal.Body pt="md">
      <div className="card-head"><Modal.Title>{t('confirm.title')}</Modal.Title><Modal.CloseButton aria-label={t('confirm.cancel')} /></div>
      <p>{t('confirm.lead')}</p>
      {asking.kinds.includes('signInAgain') ? <p>{t('confirm.signInAgain')}</p>
        : asking.kinds.includes('password') ? <ByPassword onDone={() => end(true)} />
        : <FactorForm kinds={asking.kinds} show={factorsApi.confirm} beginPasskey={factorsApi.confirmPasskey} onDone={() => end(true)} />}
    </Modal.Body></Modal.Content></Modal.Root>
  );
}

function ByPassword({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('factors');
  const [password, setPassword] = useState(''), [sending, setSending] = useState(false), [trouble, setTrouble] = useState<Trouble | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || password === '') return;
    setSending(true); setTrouble(null);
    const answer = await factorsApi.confirm({ password });
    setSending(false);
    if (answer.ok) onDone(); else { setTrouble(answer.trouble); setPassword(''); }
  };
  return (
    <form className="ac-form" onSubmit={(event) => void send(event)}>
      <PasswordInput size="md" label={t('confirm.password')} value={password} maxLength={1000} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" data-autofocus visibilityToggleButtonProps={{ 'aria-hidden': true, tabIndex: -1 }} />
      {trouble !== null && <TroubleBox trouble={trouble} />}
      <button type="submit" className="action ac-enter" disabled={sending}>{sending ? t('step.sending') : t('step.go')}</button>
    </form>
  );
}
