// Another key for what is sealed, while the product runs: the new key goes to the front of the key file, every process takes it up by itself, and all values are sealed anew in batches.
// What runs reads with both keys meanwhile. An end in the middle loses nothing: the next call goes on with the key that was begun.
import { Problem } from '../contract/problem.ts';
import { pauseMs, sleep } from './pauseMs.ts';
import { KEYS_REREAD_MS, keyIdOf, keyWordsInFile, newKeyWords, writeKeyFile, type Secrets } from './secrets.ts';
import type { Store } from './store.ts';

type Rotation = {
  store: Store; secrets: Secrets;
  /** Null: the keys stand in the environment or in a setting; then whoever sets them puts a new one to the front, starts every process again, and this seals anew. */
  keyFile: string | null;
  /** Old keys leave the file, too. Copies of the database from before cannot be read without them. */
  forgetOld?: boolean;
  say(line: string): void;
  atOnce?: number;
  /** For tests: as if it was killed. */
  stopAfterBatches?: number;
};

export async function rotateKeys({ store, secrets, keyFile, forgetOld = false, say, atOnce = 100, stopAfterBatches = Infinity }: Rotation): Promise<{ keyId: string; resealed: number; begunBefore: boolean; forgotten: string[] }> {
  const usedBefore = (await store.secretKeys()).filter((key) => key.values > 0 && key.keyId !== secrets.writerId());
  const begunBefore = usedBefore.length > 0;
  if (begunBefore) say(`A change to the key ${secrets.writerId()} was begun before; going on with it.`);
  else if (keyFile !== null) {
    const keys = keyWordsInFile(keyFile);
    if (keys === null) throw new Problem('settingWrong', { name: 'secretKeyFile', reason: `${keyFile} is not there` });
    const fresh = newKeyWords();
    writeKeyFile(keyFile, [fresh, ...keys], false);
    say(`A new key, ${keyIdOf(fresh)}, stands first in ${keyFile}. Processes on other machines need the same file: copy it to them now.`);
    // Until every process of this machine has read it; until then they seal with the old one, which is found in the end.
    for (let attempt = 1; secrets.writerId() !== keyIdOf(fresh); attempt++) {
      if (attempt > 20) throw new Problem('internal', {}, 'the new key is not taken up from the key file');
      await sleep(KEYS_REREAD_MS / 4);
    }
  } else say(`Sealing all with the first key, ${secrets.writerId()}.`);

  let resealed = 0, stuck = 0;
  for (let batch = 1, quiet = 0; quiet < 2; batch++) {
    const { resealed: some, left } = await store.resealSome(atOnce);
    resealed += some;
    if (batch >= stopAfterBatches) throw new Error('stopped');
    if (some > 0) say(`  ${resealed} sealed anew, ${left} left`);
    // Twice nothing, with a pause in which a process that was slow to hear of the key may still have written with the old one.
    if (left === 0) { quiet++; stuck = 0; await sleep(2 * KEYS_REREAD_MS); continue; }
    quiet = 0;
    // Rows that others hold are passed over and found again.
    if (some === 0) { if (++stuck > 50) throw new Problem('databaseDown', {}, `${left} values are held by somebody else and cannot be sealed anew now; call it again`); await sleep(pauseMs({ attempt: stuck, firstMs: 50, mostMs: 1000 })); }
  }
  const forgotten = await store.forgetUnusedKeys();
  if (forgetOld && keyFile !== null) {
    const used = new Set((await store.secretKeys()).map((key) => key.keyId));
    writeKeyFile(keyFile, keyWordsInFile(keyFile)!.filter((words) => used.has(keyIdOf(words))), false);
  }
  say(`All passwords and keys are sealed with ${secrets.writerId()}. ${forgetOld ? 'The old keys are out of the file.' : 'The old keys stay in the file, for older copies of the database; --forget-old takes them out.'}`);
  return { keyId: secrets.writerId(), resealed, begunBefore, forgotten };
}
