// Nothing typed is lost by a slip: while a page has unsaved changes, leaving it asks first. Links, the back key and closing the window are all caught.
import { Button, Group, Modal } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Returns the question to draw, and `leave`, which goes somewhere after a save without asking. */
export function useUnsaved(isDirty: boolean): { question: ReactNode; leave: (go: () => void) => void } {
  const { t } = useTranslation('setup');
  const [held, setHeld] = useState<string | null>(null);
  const dirty = useRef(isDirty), mayLeave = useRef(false);
  useLayoutEffect(() => { dirty.current = isDirty; });

  useEffect(() => {
    const holds = () => dirty.current && !mayLeave.current;
    const onClose = (event: BeforeUnloadEvent) => { if (holds()) event.preventDefault(); };
    // The navigation API tells before the address changes; where a browser lacks it or will not let us stop it, the address is put back.
    const navigation = (window as { navigation?: EventTarget }).navigation;
    const onNavigate = (event: Event & { destination?: { url: string; sameDocument: boolean }; navigationType?: string }) => {
      const destination = event.destination;
      if (!holds() || destination === undefined || !destination.sameDocument || !event.cancelable || sameRoute(destination.url, location.href)) return;
      event.preventDefault();
      setHeld(destination.url);
    };
    const onHash = (event: HashChangeEvent) => {
      if (!holds() || sameRoute(event.oldURL, event.newURL)) return;
      event.stopImmediatePropagation();
      history.pushState(null, '', event.oldURL);
      setHeld(event.newURL);
    };
    addEventListener('beforeunload', onClose);
    navigation?.addEventListener('navigate', onNavigate);
    addEventListener('hashchange', onHash, { capture: true });
    return () => {
      removeEventListener('beforeunload', onClose);
      navigation?.removeEventListener('navigate', onNavigate);
      removeEventListener('hashchange', onHash, { capture: true });
    };
  }, []);

  const leave = (go: () => void) => { mayLeave.current = true; go(); setTimeout(() => { mayLeave.current = false; }, 0); };
  const question = (
    <Modal opened={held !== null} onClose={() => setHeld(null)} title={t('unsaved.title')} closeButtonProps={{ 'aria-label': t('unsaved.stay') }} centered>
      <p>{t('unsaved.text')}</p>
      <Group justify="flex-end" mt="md">
        <Button variant="default" data-autofocus onClick={() => setHeld(null)}>{t('unsaved.stay')}</Button>
        <Button variant="outline" onClick={() => { const to = held; setHeld(null); if (to !== null) { mayLeave.current = true; location.href = to; } }}>{t('unsaved.leave')}</Button>
      </Group>
    </Modal>
  );
  return { question, leave };
}

const sameRoute = (one: string, other: string) => one.split('?')[0] === other.split('?')[0];
