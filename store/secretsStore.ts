// What the store knows of secrets: values that are sealed before they reach the database (store/secrets.ts), and the change to another key. Part of Store.
export interface SecretsStore {
  /** Sealed under its name, as in "tls/siteCa" or "totp/f12"; one that is there is replaced. */
  keepSecret(name: string, plain: string): Promise<void>;
  /** The first one made stays: whoever comes later, in any process, gets that. */
  keptSecret(name: string, make: () => string | Promise<string>): Promise<string>;
  /** Null when there is none. Rejects with Problem secretKeyMissing or secretDamaged. */
  secret(name: string): Promise<string | null>;
  dropSecret(name: string): Promise<void>;
  /** For what leaves this process on its way to another one of ours. `place` must be the same at both ends. */
  sealed(plain: string, place: string): string;
  unsealed(sealed: string, place: string): string;
  /** Seals up to `most` values that are not sealed yet or sealed with another key than that of now; resolves with how many were, and how many are left. */
  resealSome(most: number): Promise<{ resealed: number; left: number }>;
  /** The keys that something may still be sealed with, the one that seals now among them. */
  secretKeys(): Promise<{ keyId: string; values: number }[]>;
  /** Keys that nothing is sealed with any more are no longer asked for at a start. Resolves with their ids. */
  forgetUnusedKeys(): Promise<string[]>;
}
