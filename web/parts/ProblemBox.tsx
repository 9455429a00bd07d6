// A problem for the person at the desk: what happened, what it means, what to do. The machine's own words are one click away.
import { useTranslation } from 'react-i18next';
import { problemWords, type ProblemNote } from '../../contract/problem.ts';
import { useFormat } from './useFormat.ts';

export function ProblemBox({ note, alert = false }: { note: ProblemNote; alert?: boolean }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const { what, means, todo } = problemWords(note, language);
  return (
    <div className="problem" role={alert ? 'alert' : undefined}>
      <strong>{what}</strong> {means} {todo}
      {note.detail !== null && <details><summary>{t('app.more')}</summary><code>{note.code}: {note.detail}</code></details>}
    </div>
  );
}
