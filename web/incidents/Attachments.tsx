// Photos, sounds and files of a step: sent as soon as they are chosen, so that the step itself goes out at once; and how they are shown afterwards.
import { useCallback, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ATTACHMENTS_MOST, type Attachment } from '../../contract/incident.ts';
import { useNewest } from '../parts/useNewest.ts';
import { incidentsApi, type Trouble } from './api.ts';
import { TroubleNote } from './Marks.tsx';

const SIZE_MOST_BYTES = 16 * 1024 * 1024;
const TAKEN = 'image/jpeg,image/png,image/webp,audio/webm,audio/ogg,audio/mp4,application/pdf,text/plain';

type Item = { key: number; name: string; file: Blob } & ({ state: 'sending' } | { state: 'there'; attachment: Attachment } | { state: 'failed'; trouble: Trouble });
export type Attaching = { items: readonly Item[]; there: Attachment[]; isSending: boolean; note: string | null; add(files: readonly File[]): void; remove(key: number): void; again(key: number): void; clear(): void };

export function useAttaching(): Attaching {
  const { t } = useTranslation('incidents');
  const [items, setItems] = useState<readonly Item[]>([]);
  const [note, setNote] = useState<string | null>(null);
  const nextKey = useRef(1);
  const newest = useNewest(items);
  const send = useCallback(async ({ key, name, file }: { key: number; name: string; file: Blob }) => {
    const put = (item: Item) => setItems((before) => before.map((each) => (each.key === key ? item : each)));
    put({ key, name, file, state: 'sending' });
    const answer = await incidentsApi.attach(file, name);
    put(answer.ok ? { key, name, file, state: 'there', attachment: answer.value } : { key, name, file, state: 'failed', trouble: answer.trouble });
  }, []);
  return {
    items, note, there: items.flatMap((item) => (item.state === 'there' ? [item.attachment] : [])), isSending: items.some(({ state }) => state === 'sending'),
    add(files) {
      const tooLarge = files.find(({ size }) => size > SIZE_MOST_BYTES);
      const room = ATTACHMENTS_MOST - newest.current.length;
      const taken = files.filter(({ size }) => size <= SIZE_MOST_BYTES).slice(0, Math.max(0, room)).map((file) => ({ key: nextKey.current++, name: file.name === '' ? 'photo.jpg' : file.name, file }));
      setNote(tooLarge !== undefined ? t('attach.tooLarge', { name: tooLarge.name }) : files.length > room ? t('attach.tooMany') : null);
      setItems((before) => [...before, ...taken.map((item) => ({ ...item, state: 'sending' as const }))]);
      for (const item of taken) void send(item);
    },
    remove: (key) => setItems((before) => before.filter((item) => item.key !== key)),
    again: (key) => { const item = newest.current.find((each) => each.key === key); if (item !== undefined) void send(item); },
    clear: () => { setItems([]); setNote(null); },
  };
}

export function AttachField({ attaching, label }: { attaching: Attaching; label?: string }) {
  const { t } = useTranslation('incidents');
  const id = useId();
  return (
    <div className="in-attach">
      <label htmlFor={id}>{label ?? t('attach.add')}</label>
      <input id={id} type="file" multiple accept={TAKEN} onChange={(event) => { attaching.add([...(event.currentTarget.files ?? [])]); event.currentTarget.value = ''; }} />
      {attaching.note !== null && <p role="alert">{attaching.note}</p>}
      <ul>{attaching.items.map((item) => (
        <li key={item.key} data-state={item.state}>
          {item.name} <span className="quiet">{item.state === 'sending' ? t('attach.sending') : item.state === 'failed' ? t('attach.failed') : ''}</span>
          {item.state === 'failed' && <button type="button" className="plain" onClick={() => attaching.again(item.key)}>{t('attach.again')}</button>}
          <button type="button" className="plain" aria-label={t('attach.remove', { name: item.name })} onClick={() => attaching.remove(item.key)}>×</button>
          {item.state === 'failed' && <TroubleNote trouble={item.trouble} />}
        </li>
      ))}</ul>
    </div>
  );
}

/** What was added to a step of an incident: photos as pictures, sounds to be heard, the rest to be opened. */
export function AttachmentList({ attachments, incidentId }: { attachments: readonly Attachment[]; incidentId: string }) {
  const { t } = useTranslation('incidents');
  if (attachments.length === 0) return null;
  return (
    <ul className="in-attached">{attachments.map(({ sha256, name, type }) => {
      const address = incidentsApi.attachmentAddress(sha256, incidentId);
      return (
        <li key={sha256}>
          {type.startsWith('image/') ? <a href={address} target="_blank" rel="noreferrer"><img src={address} alt={t('attach.photo', { name })} loading="lazy" /></a>
            : type.startsWith('audio/') ? <audio controls preload="none" src={address} aria-label={t('attach.sound', { name })} />
            : <a href={address} target="_blank" rel="noreferrer">{t('attach.open', { name })}</a>}
        </li>
      );
    })}</ul>
  );
}
