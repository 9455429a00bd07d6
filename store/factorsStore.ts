// What lasts of second factors, and of steps at the door that wait for their next one. Part of Store. Secrets of codes lie with the sealed secrets (SecretsStore, "totp/FACTOR").
export type TotpKept = { lastStep: number | null };
export type PasskeyKept = { credentialId: string; publicKey: string; counter: number; transports: string[]; verifiesUser: boolean; hostName: string };
export type KeptFactor = { factorId: string; accountId: string; name: string; createdAtMs: number; usedAtMs: number | null } & ({ kind: 'totp'; kept: TotpKept } | { kind: 'webauthn'; kept: PasskeyKept });
/** second: after the password; passkey: instead of one; elsewhere: at an OpenID provider; enrol, confirm: within a session. */
export type StepPurpose = 'second' | 'passkey' | 'elsewhere' | 'enrol' | 'confirm';
export type DoorStep = { accountId: string | null; data: Record<string, string>; tries: number };

export interface FactorsStore {
  factorsOf(accountId: string): Promise<KeptFactor[]>;
  /** Rejects with Problem tooMany, or changedMeanwhile when this passkey is known already. */
  addFactor(factor: KeptFactor, most: number): Promise<void>;
  /** Of this account only. With the last one its recovery codes go, too. */
  removeFactor(accountId: string, factorId: string): Promise<boolean>;
  passkey(credentialId: string): Promise<KeptFactor | null>;
  /** False when this step or a later one was used before: a code is good once. */
  useTotpStep(factorId: string, step: number, nowMs: number): Promise<boolean>;
  /** False when the counter does not grow (a copy of the key); keys without a counter always say 0. */
  usePasskey(factorId: string, counter: number, nowMs: number): Promise<boolean>;
  /** In place of those that were there. */
  keepRecoveryCodes(accountId: string, hashes: readonly string[], nowMs: number): Promise<void>;
  recoveryCodesLeft(accountId: string): Promise<number>;
  /** True once for each code. */
  useRecoveryCode(accountId: string, hash: string): Promise<boolean>;

  /** A step that waits; one of the same key is replaced. Rejects with Problem tooMany. */
  beginStep(step: { key: Uint8Array; purpose: StepPurpose; accountId: string | null; data: Record<string, string>; untilMs: number; nowMs: number }): Promise<void>;
  /** Counts a try and gives the step; null when it is over or was tried `triesMost` times. */
  tryStep(key: Uint8Array, purpose: StepPurpose, nowMs: number, triesMost: number): Promise<DoorStep | null>;
  /** Adds to what the step knows; false when it is over. */
  noteStep(key: Uint8Array, purpose: StepPurpose, data: Record<string, string>, nowMs: number): Promise<boolean>;
  /** Gives it and ends it: of two at once one gets it. */
  takeStep(key: Uint8Array, purpose: StepPurpose, nowMs: number): Promise<DoorStep | null>;
}
