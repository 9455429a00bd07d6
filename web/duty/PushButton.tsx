// Being called when this page is closed: asked for by a touch, never at the start, and given up on after a while.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Actor } from '../../contract/incident.ts';
import { ask } from '../setup/api.ts';

const WITHIN_MS = 20_000;
type State = 'idle' | 'working' | 'on' | 'refused' | 'none' | 'failed';

export function PushButton({ who }: { who: Actor }) {
  const { t } = useTranslation('incidents');
  const [state, setState] = useState<State>('idle');
  if (who.memberId === null || !('serviceWorker' in navigator) || !('PushManager' in globalThis)) return null;
  const begin = async () => {
    setState('working');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<State>((done) => { timer = setTimeout(() => done('failed'), WITHIN_MS); });
    setState(await Promise.race([subscribe(who.memberId!).catch((): State => 'failed'), tooLong]));
    clearTimeout(timer);
  };
  const words = { idle: null, working: t('phone.pushWorking'), on: t('phone.pushOn'), refused: t('phone.pushRefused'), none: t('phone.pushNone'), failed: t('phone.pushFailed') }[state];
  return <div className="du-push">{state !== 'on' && <button type="button" className="du-small" disabled={state === 'working'} onClick={() => void begin()}>{t('phone.push')}</button>}{words !== null && <p role="status" className="quiet">{words}</p>}</div>;
}

async function subscribe(memberId: string): Promise<State> {
  const key = await ask<{ publicKey: string | null }>('GET', '/api/push/key');
  if (!key.ok) return key.trouble.from === 'server' ? 'none' : 'failed';
  if (key.value.publicKey === null) return 'none';
  if (await Notification.requestPermission() !== 'granted') return 'refused';
  const worker = await navigator.serviceWorker.register('/pushWorker.js');
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.value.publicKey });
  const { endpoint, keys } = subscription.toJSON();
  const answer = await ask<null>('POST', `/api/members/${encodeURIComponent(memberId)}/push`, { endpoint, keys });
  return answer.ok ? 'on' : 'failed';
}
