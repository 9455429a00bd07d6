// npm run keys:rotate: another key for the passwords and keys in the database, while the product runs. With --forget-old the old keys leave the key file.
import os from 'node:os';
import { keyFileOf } from '../../config/settings.ts';
import { rotateKeys } from '../../store/rotateKeys.ts';
import { runCommand } from './command.ts';

await runCommand(['--forget-old'], async ({ store, settings, secrets, options, say }) => {
  const { keyId, resealed, begunBefore } = await rotateKeys({ store, secrets, keyFile: settings.secretKey === '' ? keyFileOf(settings) : null, forgetOld: options.includes('--forget-old'), say });
  await store.writeAudit([{
    what: 'keyRotated', accountId: null, name: `command on ${os.hostname()}`.slice(0, 80), sessionId: null, address: '', route: '', status: null, placeKind: null, placeId: null, placeName: null, unitId: null, fromMs: null, untilMs: null, reason: null,
    detail: { keyId, resealed, begunBefore },
  }]);
  return 0;
});
