// A problem for the person at the desk: what happened, what it means, what to do; the machine's words one click away.
import { Button, Group } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemWords } from '../../contract/problem.ts';
import type { ProblemNote } from '../../contract/problem.ts';
import { hrefOf } from '../route.ts';
import type { Trouble } from './api.ts';
import { useLanguage } from './useLanguage.ts';

export function TroubleBox({ trouble, onTryAgain, onClose, comesIntoView = true, children }: { trouble: Trouble; onTryAgain?: () => void; onClose?: () => void; comesIntoView?: boolean; children?: ReactNode }) {
  const { t } = useTranslation('setup'), { t: audit } = useTranslation('audit');
  const words = useTroubleWords(trouble);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => { if (comesIntoView) box.current?.scrollIntoView({ block: 'nearest' }); }, [trouble, comesIntoView]);
  const detail = trouble.from === 'line' ? trouble.detail : trouble.note.detail;
  return (
    <div className="setup-trouble" role="alert" ref={box} data-problem={trouble.from === 'line' ? 'line' : trouble.note.code}>
      <strong>{words.what}</strong>
      <p>{words.means} {words.todo}</p>
      {children}
      {trouble.from === 'server' && trouble.note.code === 'needsSecondPerson' && typeof trouble.note.values['approvalId'] === 'string' && <p><a href={hrefOf(`/approvals/ask/${trouble.note.values['approvalId']}`)}>{audit('approvals.link')}</a></p>}
      {detail !== null && detail !== '' && <details><summary>{t('trouble.machine')}</summary><code>{detail}</code></details>}
      {(onTryAgain !== undefined || onClose !== undefined) && (
        <Group gap="xs" mt={8}>
          {onTryAgain !== undefined && <Button size="compact-sm" variant="default" onClick={onTryAgain}>{t('trouble.tryAgain')}</Button>}
          {onClose !== undefined && <Button size="compact-sm" variant="subtle" onClick={onClose}>{t('trouble.close')}</Button>}
        </Group>
      )}
    </div>
  );
}

/** A problem that is seen before anything is sent: quieter, and no alarm to a screen reader at every keystroke. */
export function NoteBox({ note }: { note: ProblemNote }) {
  const words = problemWords(note, useLanguage());
  return <div className="setup-note" role="status" data-problem={note.code}><strong>{words.what}</strong> {words.means} {words.todo}</div>;
}

function useTroubleWords(trouble: Trouble): { what: string; means: string; todo: string } {
  const { t } = useTranslation('setup');
  const language = useLanguage();
  return trouble.from === 'server' ? problemWords(trouble.note, language) : { what: t('trouble.line.what'), means: t('trouble.line.means'), todo: t('trouble.line.todo') };
}
