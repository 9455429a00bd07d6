// An answer that needs words: reasons by one touch, words by hand, a photo from the camera. It takes the place of the big buttons, under the thumb.
import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentCommandBody } from '../../contract/apiIncidents.ts';
import { photoOf } from './dutyOutbox.ts';
import type { Photo } from './outbox.ts';

export type Answering = { kind: 'decline' | 'needHelp' | 'handle' | 'followUp' | 'note'; command: Extract<IncidentCommandBody['command'], { type: 'accept' | 'arrive' | 'decline' | 'needHelp' | 'handle' | 'followUp' | 'note' | 'tickAction' }> };
const PHOTOS_MOST = 3;

export function AnswerSheet({ answering, onSend, onClose }: { answering: Answering; onSend: (command: Answering['command'], photos: Photo[]) => boolean; onClose: () => void }) {
  const { t } = useTranslation('incidents');
  const [words, setWords] = useState(''), [photos, setPhotos] = useState<Photo[]>([]), [isAsked, setIsAsked] = useState(false);
  const title = useRef<HTMLHeadingElement | null>(null);
  useEffect(() => { title.current?.focus(); }, []);
  const { kind, command } = answering;
  const question = kind === 'decline' ? t('phone.whyDecline') : kind === 'needHelp' ? t('phone.whatHelp') : kind === 'handle' ? t('phone.howControl') : kind === 'followUp' ? t('phone.whatNow') : t('phone.note');
  const quick = kind === 'decline' ? [t('phone.reasonBusy'), t('phone.reasonFar'), t('phone.reasonIll')] : kind === 'needHelp' ? [t('phone.helpMore'), t('phone.helpDoctor'), t('phone.helpPolice'), t('phone.helpFire')] : [];
  const send = (said: string) => {
    setIsAsked(true);
    if (said.trim() !== '') onSend({ ...command, words: said.trim().slice(0, 2000) }, photos);
  };
  return (
    <form className="du-sheet" aria-label={question} onSubmit={(event) => { event.preventDefault(); send(words); }}>
      <h4 ref={title} tabIndex={-1}>{question}</h4>
      {quick.length > 0 && <div className="du-quick">{quick.map((reason) => <button key={reason} type="button" onClick={() => send(words.trim() === '' ? reason : `${reason}. ${words.trim()}`)}>{reason}</button>)}</div>}
      <textarea aria-label={t('phone.words')} placeholder={t('phone.words')} value={words} maxLength={2000} rows={2} onChange={(event) => setWords(event.target.value)} aria-invalid={isAsked && words.trim() === ''} />
      {isAsked && words.trim() === '' && <p className="in-fault" role="alert">{t('act.wordsNeeded')}</p>}
      {'attachments' in command && <PhotoField photos={photos} onPhotos={setPhotos} />}
      <button type="submit" className="du-big">{t('phone.send')}</button>
      <button type="button" className="du-small" onClick={onClose}>{t('phone.cancel')}</button>
    </form>
  );
}

export function PhotoField({ photos, onPhotos }: { photos: Photo[]; onPhotos: (photos: Photo[]) => void }) {
  const { t } = useTranslation('incidents');
  const id = useId();
  const add = async (files: File[]) => {
    const made = await Promise.all(files.slice(0, PHOTOS_MOST - photos.length).map(photoOf));
    onPhotos([...photos, ...made.filter((photo) => photo !== null)]);
  };
  return (
    <div className="du-photos">
      {photos.map((photo, index) => <div key={photo.base64.slice(0, 64) + index} className="du-photo"><img src={`data:${photo.type};base64,${photo.base64}`} alt={t('attach.photo', { name: photo.name })} /><button type="button" aria-label={t('attach.remove', { name: photo.name })} onClick={() => onPhotos(photos.filter((_, at) => at !== index))}>×</button></div>)}
      {photos.length < PHOTOS_MOST && <><label htmlFor={id}>{t('phone.photo')}</label><input id={id} type="file" accept="image/*" capture="environment" onChange={(event) => { const files = [...(event.currentTarget.files ?? [])]; event.currentTarget.value = ''; void add(files); }} /></>}
    </div>
  );
}
