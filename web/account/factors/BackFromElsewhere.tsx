// The page that the provider sends the browser back to. It is of our own origin, so it may carry the answer to the server itself, with the cookie of the browser where signing in was begun.
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TroubleBox } from '../../setup/TroubleBox.tsx';
import type { Trouble } from '../accountApi.ts';
import { factorsApi } from './factorsApi.ts';
import { takePlace } from './OtherWays.tsx';

export const isBackFromElsewhere = (): boolean => location.pathname === '/signed-in';

export function BackFromElsewhere() {
  const { t } = useTranslation('factors');
  const [trouble, setTrouble] = useState<Trouble | null>(null), asked = useRef(false);
  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    const query = location.search.slice(1);
    // The answer opens once; it is taken out of the address all the same, before anything else of the page can see it.
    history.replaceState(null, '', '/signed-in');
    void factorsApi.elsewhere(query.slice(0, 8000)).then((answer) => { if (answer.ok) location.replace(`/${takePlace()}`); else setTrouble(answer.trouble); });
  }, []);
  return trouble === null ? <p role="status">{t('back.wait')}</p> : <><TroubleBox trouble={trouble} /><p><a className="action ac-link" href="/">{t('back.again')}</a></p></>;
}
