// Somebody else changed the same thing while it was being edited here: nothing of ours is thrown away, nothing of theirs is overwritten unseen.
import { Button, Group } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemNote, problemWords } from '../../contract/problem.ts';
import { useLanguage } from './useLanguage.ts';

/** `theirs` is the thing as the server has it now, as JSON. Without own changes it is simply taken. */
export function useMeanwhile({ theirs, isDirty, take }: { theirs: string; isDirty: boolean; take: () => void }): ReactNode {
  const { t } = useTranslation('setup');
  const words = problemWords(problemNote('changedMeanwhile'), useLanguage());
  const known = useRef(theirs);
  const [isChanged, setIsChanged] = useState(false);
  useEffect(() => {
    if (theirs === known.current) return;
    if (isDirty) { setIsChanged(true); return; }
    known.current = theirs;
    take();
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [theirs, isDirty]);
  if (!isChanged) return null;
  const answered = () => { known.current = theirs; setIsChanged(false); };
  return (
    <div className="setup-trouble" role="alert" data-problem="changedMeanwhile">
      <strong>{words.what}</strong>
      <p>{t('meanwhile.means')}</p>
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => { answered(); take(); }}>{t('meanwhile.takeTheirs')}</Button>
        <Button size="compact-sm" variant="default" onClick={answered}>{t('meanwhile.keepMine')}</Button>
      </Group>
    </div>
  );
}
