// The address of a camera: a form made from the kind's own settings, a test that shows the first picture, and nothing lost by an error.
import { Button, Loader } from '@mantine/core';
import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import type { SensorTestAnswer } from '../../../contract/api.ts';
import type { Trouble } from '../api.ts';
import { SchemaForm } from '../form/SchemaForm.tsx';
import { TroubleBox } from '../TroubleBox.tsx';
import { clockWords, codecName } from './testWords.ts';

export type TestState = { state: 'none' } | { state: 'trying' } | { state: 'saw'; answer: SensorTestAnswer } | { state: 'failed'; trouble: Trouble };

export function AddressForm({ test, onTest, canTest, ...form }: ComponentProps<typeof SchemaForm> & { test: TestState; onTest: () => void; canTest: boolean }) {
  const { t } = useTranslation('setup');
  return (
    <div className="setup-address">
      <div>
        <SchemaForm {...form} />
      </div>
      {/* At the top, in sight however long the form is; by keyboard it comes after the fields. */}
      <div>
      <Button mb={8} variant={test.state === 'saw' ? 'default' : 'filled'} onClick={onTest} disabled={!canTest || test.state === 'trying'}>{t(test.state === 'none' ? 'camera.test' : 'camera.testAgain')}</Button>
      <section aria-label={t('camera.found')} className="setup-test" aria-live="polite" data-test={test.state}>
        {test.state === 'none' && <p className="setup-test-empty">{t('camera.notTested')}</p>}
        {test.state === 'trying' && <p className="setup-test-empty"><Loader size="xs" /> {t('camera.trying')}</p>}
        {test.state === 'failed' && <TroubleBox trouble={test.trouble} onTryAgain={onTest} />}
        {test.state === 'saw' && <Found answer={test.answer} />}
      </section>
      </div>
    </div>
  );
}

function Found({ answer }: { answer: SensorTestAnswer }) {
  const { t } = useTranslation('setup');
  const { stream, firstPictureMs, clockSkewMs } = answer;
  const clock = clockWords(clockSkewMs);
  return (
    <>
      <img src={`data:image/jpeg;base64,${answer.pictureJpegBase64}`} alt={t('camera.firstPicture')} className="setup-test-picture" />
      <dl className="setup-found">
        <dt>{t('camera.codec')}</dt><dd>{codecName(stream.codec)}</dd>
        <dt>{t('camera.size')}</dt><dd>{stream.widthPx} × {stream.heightPx}</dd>
        <dt>{t('camera.rate')}</dt><dd>{stream.framesPerS === null ? t('camera.rateUnknown') : t('camera.rateIs', { framesPerS: Number(stream.framesPerS.toFixed(1)) })}</dd>
        <dt>{t('camera.firstPictureAfter')}</dt><dd>{(firstPictureMs / 1000).toFixed(1)} s</dd>
        <dt>{t('camera.clock')}</dt><dd data-clock={clock.key}>{t(`camera.clockIs.${clock.key}`, { span: clock.span })}</dd>
      </dl>
    </>
  );
}
