// The newest picture of a camera, one a second while somebody looks. It is shown and forgotten; nothing is kept.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LookWhy } from '../audit/LookWhy.tsx';
import { usePage, useServerNowMs } from '../live/LiveProvider.tsx';
import { clockWords } from '../parts/format.ts';
import { lookGoesOn, lookHeaders } from '../parts/lookReason.ts';
import { askServer } from '../parts/askServer.ts';
import { useFormat } from '../parts/useFormat.ts';

const EVERY_MS = 1000, OLD_AFTER_MS = 5000;

/** `unmasked`: without its privacy masks, for whoever has lifted them for a while. */
export function CameraPicture({ sensorId, name, unmasked = false }: { sensorId: string; name: string; unmasked?: boolean }) {
  const { t } = useTranslation();
  const { span } = useFormat();
  const { store } = usePage();
  const nowMs = useServerNowMs();
  const [picture, setPicture] = useState<{ address: string; capturedAtMs: number | null } | null>(null);
  const [none, setNone] = useState(false), [asksWhy, setAsksWhy] = useState(false), [turn, setTurn] = useState(0);
  const shown = useRef<string | null>(null);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const beganMs = performance.now();
      if (!document.hidden) {
        try {
          const answer = await askServer(`/api/sensors/${encodeURIComponent(sensorId)}/picture${unmasked ? '?unmasked=1' : ''}`, { signal: AbortSignal.timeout(5000), cache: 'no-store', headers: lookHeaders(sensorId) });
          if (answer.ok) {
            lookGoesOn(sensorId);
            setAsksWhy(false);
            const address = URL.createObjectURL(await answer.blob());
            if (gone) { URL.revokeObjectURL(address); return; }
            if (shown.current !== null) URL.revokeObjectURL(shown.current);
            shown.current = address;
            const header = Number(answer.headers.get('x-captured-at-ms'));
            setPicture({ address, capturedAtMs: header > 0 ? header : null });
            setNone(false);
          } else if (!gone) {
            const code = (await answer.json().catch(() => null) as { code?: string } | null)?.code;
            // The pictures stop until somebody has said why.
            if (code === 'reasonNeeded' && !gone) { setPicture(null); setAsksWhy(true); return; }
            setNone(true);
          }
        } catch { if (!gone) setNone(true); }
      }
      if (!gone) timer = setTimeout(() => void ask(), Math.max(100, EVERY_MS - (performance.now() - beganMs)));
    };
    void ask();
    const onSight = () => { if (!document.hidden) { clearTimeout(timer); void ask(); } };
    document.addEventListener('visibilitychange', onSight);
    return () => { gone = true; clearTimeout(timer); document.removeEventListener('visibilitychange', onSight); if (shown.current !== null) URL.revokeObjectURL(shown.current); };
  }, [sensorId, store, unmasked, turn]);
  const capturedAtMs = picture?.capturedAtMs ?? null;
  const ageMs = capturedAtMs === null ? null : nowMs - capturedAtMs;
  const isOld = none || (ageMs !== null && ageMs > OLD_AFTER_MS);
  if (asksWhy) return <LookWhy sensorId={sensorId} onSaid={() => { setAsksWhy(false); setTurn((before) => before + 1); }} />;
  return (
    <figure className={isOld ? 'picture old' : 'picture'}>
      {picture === null ? <div className="picture-none">{t('camera.pictureNone')}</div> : <img src={picture.address} alt={t('camera.picture', { name })} />}
      {capturedAtMs !== null && <figcaption>{clockWords(capturedAtMs)} · {ageMs !== null && ageMs > OLD_AFTER_MS ? <strong>{t('camera.pictureOld', { span: span(ageMs) })}</strong> : t('age.ago', { span: span(ageMs ?? 0) })}</figcaption>}
    </figure>
  );
}
