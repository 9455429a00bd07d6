// Shows a second factor: a passkey, the code of an app, or a recovery code. At the door after the password, and wherever a step asks whether it is still the same person.
import { TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { TroubleBox } from '../../setup/TroubleBox.tsx';
import type { Answer, Trouble } from '../accountApi.ts';
import { hasPasskeys, withPasskey, type BrowserFault } from './factorsApi.ts';

type Words = { code: string } | { recoveryCode: string } | { response: unknown };
type Way = 'totp' | 'recovery' | 'webauthn';

export function FactorForm<T>({ kinds, show, beginPasskey, onDone, onOver }: {
  kinds: readonly string[]; show: (words: Words) => Promise<Answer<T>>; beginPasskey: () => Promise<Answer<{ options: Record<string, unknown> }>>; onDone: (value: T) => void; /** The step is over: too long, or too many tries. */ onOver?: (trouble: Trouble) => void;
}) {
  const { t } = useTranslation('factors');
  const ways = (['webauthn', 'totp', 'recovery'] as const).filter((kind) => kinds.includes(kind) && (kind !== 'webauthn' || hasPasskeys()));
  const [way, setWay] = useState<Way | null>(ways[0] ?? null), [words, setWords] = useState(''), [sending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null), [fault, setFault] = useState<BrowserFault | null>(null);
  const take = async (work: () => Promise<Answer<T> | { ok: false; fault: BrowserFault }>) => {
    if (sending) return;
    setSending(true); setTrouble(null); setFault(null);
    const answer = await work();
    setSending(false);
    if (answer.ok) { onDone(answer.value); return; }
    setWords('');
    if ('fault' in answer) setFault(answer.fault);
    else if (onOver !== undefined && answer.trouble.from === 'server' && answer.trouble.note.code === 'secondFactorOver') onOver(answer.trouble);
    else setTrouble(answer.trouble);
  };
  const usePasskey = () => take(() => withPasskey(beginPasskey, (response) => show({ response })));
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (words.trim() !== '') void take(() => show(way === 'recovery' ? { recoveryCode: words.trim() } : { code: words.trim() }));
  };
  const choose = (next: Way) => { setWay(next); setWords(''); setTrouble(null); setFault(null); };
  return (
    <form className="ac-form" onSubmit={send} data-factor-form={way ?? 'none'}>
      {way === null && <p>{t('browser.none')}</p>}
      {way === 'webauthn' && <button type="button" className="action ac-enter" onClick={() => void usePasskey()} disabled={sending} data-autofocus>{sending ? t('passkey.waiting') : t('step.passkey')}</button>}
      {way === 'totp' && <TextInput key="totp" size="md" label={t('step.code')} description={t('step.codeHint')} value={words} onChange={(event) => setWords(event.currentTarget.value.replace(/[^0-9 ]/g, ''))} maxLength={9} inputMode="numeric" autoComplete="one-time-code" autoFocus data-autofocus />}
      {way === 'recovery' && <TextInput key="recovery" size="md" label={t('step.recovery')} description={t('step.recoveryHint')} value={words} onChange={(event) => setWords(event.currentTarget.value)} maxLength={30} autoComplete="off" autoCapitalize="characters" spellCheck={false} autoFocus data-autofocus />}
      {trouble !== null && <TroubleBox trouble={trouble} />}
      {fault !== null && <p role="alert" className="ac-fault">{t(`browser.${fault}`)}</p>}
      {(way === 'totp' || way === 'recovery') && <button type="submit" className="action ac-enter" disabled={sending}>{sending ? t('step.sending') : t('step.go')}</button>}
      <div className="ac-others">
        {ways.filter((other) => other !== way).map((other) => <button key={other} type="button" className="plain" onClick={() => choose(other)}>{t(other === 'webauthn' ? 'step.passkey' : other === 'totp' ? 'step.useCode' : 'step.useRecovery')}</button>)}
      </div>
    </form>
  );
}
