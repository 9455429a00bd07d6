// What one file in worker/sensors/ is: a kind of sensor, its settings schema and its examples. Adding a kind is adding a file; nothing else is edited.
import type Type from 'typebox';

export type SensorKind<Settings = any> = {
  /** Same as the file's name. */
  kind: string;
  title: { en: string; zh: string };
  /** Forms, checks and documents are made of it. Each field has a title, and its Chinese as `zh` (of a description as `descriptionZh`). Fields with `secret: true` never leave the server. */
  settings: Type.TSchema;
  /** Settings that fit, each with the address shown for it; and settings that must be refused. Run by the conformance suite. */
  examples: { fits: { settings: Settings; addressShown: string }[]; refused: unknown[] };
  /** Address without user, password and query, for the page and the logs. */
  addressShown(settings: Settings): string;
  /** What the media host opens: checked against a list of schemes, so that no address can become a command. Throws Problem addressNotUnderstood. */
  source(settings: Settings): MediaSource;
};

/** How FFmpeg's library is to open it. */
export type MediaSource = {
  /** What is opened for counting (the sub-stream where there is one). */
  url: string;
  transport: 'tcp' | 'udp' | null;
  /** A file is played in real time and from the beginning again at its end; its frames are dated by our clock. */
  loop: boolean;
};
